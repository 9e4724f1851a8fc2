/** The programs that npm links: the bundle, or tsc's output if that is newer or alone, so that stale code never runs. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder, MAIN } from './spawn.js';

interface Built {
  bundle?: number;
  /** Of tsc's record, which is not there if only the output was copied. */
  cli?: number;
  shared?: number;
  output?: boolean;
}

/** A clone whose bundle and compiled output name themselves, with these mtimes in seconds. */
function clone({ bundle, output = true, ...records }: Built): {
  stdout: string;
  stderr: string;
  status: number | null;
} {
  const packages = folder();
  for (const name of ['cli/bin', 'cli/bundle', 'cli/dist', 'shared'])
    mkdirSync(join(packages, name), { recursive: true });
  const put = (name: string, text: string, seconds?: number) => {
    writeFileSync(join(packages, name), text);
    if (seconds !== undefined) utimesSync(join(packages, name), seconds, seconds);
  };
  cpSync(MAIN, join(packages, 'cli/bin/csvjobs.cjs'));
  put('cli/package.json', '{ "type": "module" }');
  put('cli/bundle/package.json', '{ "type": "commonjs" }');
  if (bundle !== undefined) put('cli/bundle/main.js', `process.stdout.write('bundle')`, bundle);
  if (output) put('cli/dist/main.js', `process.stdout.write('compiled')`);
  for (const name of ['cli', 'shared'] as const)
    if (records[name] !== undefined) put(`${name}/tsconfig.tsbuildinfo`, '{}', records[name]);
  return spawnSync(process.execPath, [join(packages, 'cli/bin/csvjobs.cjs')], { encoding: 'utf8' });
}

test.each([
  ['as published', { bundle: 100 }, 'bundle'],
  ['after npm run build', { bundle: 100, cli: 90, shared: 80 }, 'bundle'],
  ['after tsc alone', { bundle: 100, cli: 110, shared: 80 }, 'compiled'],
  ['after tsc of shared alone', { bundle: 100, cli: 90, shared: 110 }, 'compiled'],
  ['after tsc without a bundle', { cli: 110, shared: 80 }, 'compiled'],
  ['a copy of what tsc wrote', {}, 'compiled'],
])('%s', (_when, times, expected) => {
  expect(clone(times)).toMatchObject({ stdout: expected, stderr: '', status: 0 });
});

const next = 'next: npm run setup in the clone; if you installed the package, install it again';

test.each([
  ['nothing is built', { output: false }],
  ['tsc has written no file', { output: false, cli: 110, shared: 80 }],
])('%s: it says what to run', (_when, built) => {
  expect(clone(built)).toMatchObject({
    stdout: '',
    stderr: `error: csvjobs is not built\n  ${next}\n`,
    status: 1,
  });
});

test('the daemon, too, says what to run if it is not built', () => {
  const packages = folder();
  mkdirSync(join(packages, 'daemon/bin'), { recursive: true });
  writeFileSync(join(packages, 'daemon/package.json'), '{ "type": "module" }');
  const program = join(packages, 'daemon/bin/csvjobsd.js');
  cpSync(new URL('../../daemon/bin/csvjobsd.js', import.meta.url), program);
  expect(spawnSync(process.execPath, [program], { encoding: 'utf8' })).toMatchObject({
    stderr: `error: csvjobsd is not built\n  ${next}\n`,
    status: 1,
  });
});
