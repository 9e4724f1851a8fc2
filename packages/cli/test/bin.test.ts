/** The program that npm links: the bundle, or tsc's output if that is newer, so that stale code never runs. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder, MAIN } from './spawn.js';

/** A clone whose bundle and compiled output name themselves, with these mtimes in seconds. */
function clone(times: { bundle: number; cli?: number; shared?: number }): string {
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
  put('cli/bundle/main.js', `process.stdout.write('bundle')`, times.bundle);
  put('cli/dist/main.js', `process.stdout.write('compiled')`);
  for (const name of ['cli', 'shared'] as const)
    if (times[name] !== undefined) put(`${name}/tsconfig.tsbuildinfo`, '{}', times[name]);
  return execFileSync(process.execPath, [join(packages, 'cli/bin/csvjobs.cjs')], { encoding: 'utf8' });
}

test.each([
  ['as published', { bundle: 100 }, 'bundle'],
  ['after npm run build', { bundle: 100, cli: 90, shared: 80 }, 'bundle'],
  ['after tsc alone', { bundle: 100, cli: 110, shared: 80 }, 'compiled'],
  ['after tsc of shared alone', { bundle: 100, cli: 90, shared: 110 }, 'compiled'],
])('%s', (_when, times, expected) => {
  expect(clone(times)).toBe(expected);
});
