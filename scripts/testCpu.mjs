// `npm run test:cpu -- <files>`: runs tests as vitest does, and says what each file costs in CPU seconds, the dearest first. Unlike
// times, these hardly change with what else a machine does. A file has the worker and the processes that it started; the
// servers that all files share, and vitest's own process, are in the sum only. Linux.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { root } from './setup.mjs';

const folder = mkdtempSync(join(tmpdir(), 'csvjobs-cpu-'));
try {
  const file = join(folder, 'files');
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--tags-filter=!long', ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, TEST_CPU: file } },
  );
  const files = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const { path, seconds } of files.toSorted((a, b) => b.seconds - a.seconds))
    console.log(`${seconds.toFixed(1).padStart(8)}  ${relative(root, path)}`);
  const sum = files.reduce((total, { seconds }) => total + seconds, 0);
  console.log(`${sum.toFixed(1).padStart(8)}  all files`);
  console.log(
    `${endedChildren().toFixed(1).padStart(8)}  with the servers that they share and vitest itself`,
  );
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** User and system time of ended children, proc_pid_stat(5); a tick is a hundredth of a second. */
function endedChildren() {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
