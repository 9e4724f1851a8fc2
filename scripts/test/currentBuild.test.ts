/** That tests run what the sources say: nothing they start is compiled from older ones. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('dist/ is made of the sources as they are', async () => {
  const compiler = `${root}node_modules/typescript/bin/tsc`;
  const projects = ['packages/shared', 'packages/daemon', 'packages/cli'];
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-b', '--dry', ...projects], {
    cwd: root,
  });
  expect(stdout.match(/Project '.*' is up to date/g)).toHaveLength(projects.length);
  expect(stdout).not.toMatch(/would build|would update/);
});
