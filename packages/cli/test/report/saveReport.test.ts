/** Part files of reports: removed at every exit that the program can handle, and otherwise at the next save. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Peer } from '../peer.js';
import { csvjobs, eventually, folder, type Running, start } from '../spawn.js';

const HEADER = 'rowNumber,name,email,phone,company,error\n';
const ROW = (row: number) => `${row},A,x,,ACME,email is not a valid address\n`;

let peer: Peer;
let cwd: string;
let id: string;
let release: () => void;
beforeEach(async () => {
  peer = await new Peer().listen();
  cwd = folder();
  id = peer.addJob({ failedCount: 2, successCount: 98 }).id;
  // A download that pauses midway until it is released.
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  peer.report = async function* () {
    yield HEADER + ROW(1);
    await released;
    yield ROW(2);
  };
});
afterEach(async () => {
  release();
  await peer.close();
});
const env = () => ({ CSVJOBS_URL: peer.url });
const parts = () => readdirSync(cwd).filter((name) => name.endsWith('.part'));

/** A download that has started to write. */
async function underWay(): Promise<Running> {
  const running = start(['errors', id, '-o', 'e.csv'], { env: env(), cwd });
  await eventually(() => parts().some((name) => name.includes(`.${running.child.pid}-`)));
  return running;
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s: the part is removed, the old file stays', async (signal, code) => {
  writeFileSync(join(cwd, 'e.csv'), 'old');
  const running = await underWay();
  running.child.kill(signal);
  expect((await running.ended).code).toBe(code);
  expect(readdirSync(cwd)).toEqual(['e.csv']);
  expect(readFileSync(join(cwd, 'e.csv'), 'utf8')).toBe('old');
});

test('two signals, where the second exits at once: the part is removed too', async () => {
  const running = await underWay();
  running.child.kill('SIGTERM');
  running.child.kill('SIGINT');
  await running.ended;
  expect(parts()).toEqual([]);
});

test('a killed download leaves a part, which the next save of the same report removes', async () => {
  const running = await underWay();
  running.child.kill('SIGKILL');
  await running.ended;
  const [left = ''] = parts();
  expect(left).toMatch(/^\.e\.csv\.[\da-f]{8}\.\d+-[\w-]+\.[\da-f]{8}\.part$/);
  release();
  // Another report's save does not touch it.
  await csvjobs(['errors', id, '-o', 'other.csv'], { env: env(), cwd });
  expect(parts()).toEqual([left]);
  expect((await csvjobs(['errors', id, '-o', 'e.csv'], { env: env(), cwd })).code).toBe(0);
  expect(readdirSync(cwd).sort()).toEqual(['e.csv', 'other.csv']);
});

test('other files stay: parts of running processes and of other machines, anything else', async () => {
  const killed = await underWay();
  killed.child.kill('SIGKILL');
  await killed.ended;
  const [left = ''] = parts();
  const [, place = '', owner = ''] = /^\.e\.csv\.([\da-f]{8})\.([\w-]+)\./.exec(left) ?? [];
  const kept = [
    left.replace(place, '00000000'),
    '.e.csv.part',
    `.e.csv.${place}.part`,
    `.e.csv.${place}.${owner}.xyz.part`,
    `e.csv.${place}.${owner}.00000000.part`,
  ];
  for (const name of kept) writeFileSync(join(cwd, name), 'precious');
  const running = await underWay();
  const [live = ''] = parts().filter((name) => !kept.includes(name) && name !== left);
  expect(live).toContain(`.${running.child.pid}-`);
  release();
  await csvjobs(['errors', id, '-o', 'e.csv'], { env: env(), cwd });
  await running.ended;
  expect(parts().sort()).toEqual(kept.sort());
});

test('two at once: each has its own part, and the file is one complete report', async () => {
  const running = [await underWay(), await underWay()];
  expect(parts()).toHaveLength(2);
  release();
  for (const { ended } of running) expect((await ended).code).toBe(0);
  expect(readdirSync(cwd)).toEqual(['e.csv']);
  expect(readFileSync(join(cwd, 'e.csv'), 'utf8')).toBe(HEADER + ROW(1) + ROW(2));
});

test('a file name of maximum length', async () => {
  release();
  const name = `${'ü'.repeat(125)}.csv`;
  expect((await csvjobs(['errors', id, '-o', name], { env: env(), cwd })).code).toBe(0);
  expect(readdirSync(cwd)).toEqual([name]);
});
