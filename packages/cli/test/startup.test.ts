/**
 * What commands load before their first request. zod and the schemas of shared take as long as all the rest of
 * `csvjobs list`: 0.20 CPU seconds with them, 0.11 without.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { csvjobs, folder } from './spawn.js';

/** The files of this project that ran, by the coverage that Node itself records. */
function loaded(coverage: string): string[] {
  const files = readdirSync(coverage).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as {
      result: { url: string }[];
    };
    return result.map(({ url }) => url);
  });
  return [...new Set(files)].filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
}

/** Whether it is a file of zod, or one of the bundle with zod in it, whose comments name the sources. */
function hasZod(file: string): boolean {
  return /\bnode_modules[\\/]zod[\\/]/.test(file + readFileSync(file, 'utf8'));
}

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
  const files = loaded(coverage);
  expect(files.length).toBeGreaterThan(1);
  expect(files.filter(hasZod)).toEqual([]);
});
