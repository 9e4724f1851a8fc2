/**
 * What commands load before their first request. zod and the schemas of shared take as long as all the rest of
 * `csvjobs list`: 0.20 CPU seconds with them, 0.11 without.
 */
import { expect, it } from 'vitest';
import { hasZod, loadedFiles } from './loadedFiles.js';
import { csvjobs, folder } from './spawn.js';

it.each([
  ['--help'],
  ['list'],
  ['tables'],
  ['show', '5a7c0ae1-0000-4000-8000-000000000001'],
  ['errors', '5a7c0ae1-0000-4000-8000-000000000001'],
])('%s loads no zod before an answer of the daemon', async (...args) => {
  const coverage = folder();
  const { code } = await csvjobs(args, {
    env: { NODE_V8_COVERAGE: coverage, CSVJOBS_URL: 'http://127.0.0.1:2' },
  });
  expect(code).toBe(args[0] === '--help' ? 0 : 6);
  const files = loadedFiles(coverage);
  expect(files.length).toBeGreaterThan(1);
  expect(files.filter(hasZod)).toEqual([]);
});
