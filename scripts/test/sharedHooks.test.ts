/** Helpers that test files share register no hooks: files that share a process load them once, so only the first would have these. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { together } from '../../vitest.projects.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

test('no helper of packages/*/test has a hook at its top, but for the set-up of all files', () => {
  const files = execFileSync('git', ['ls-files', 'packages/daemon/test', 'packages/shared/test'], {
    cwd: root,
    encoding: 'utf8',
  });
  const helpers = files.split('\n').filter((file) => /(?<!\.test)\.ts$/.test(file));
  expect(helpers).toContain('packages/daemon/test/embedded/fixtures.ts');
  const hooked = helpers.filter((file) =>
    /^(?:before|after)(?:Each|All)\(/m.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(together.setupFiles).toEqual(expect.arrayContaining(hooked));
});
