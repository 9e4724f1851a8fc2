/**
 * A large report with the real command line over breaking connections: each row once, as without breaks.
 *
 * @module-tag sized
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { inShortIf, LONG, sized } from '../../packages/daemon/test/support/form.js';
import { csvjobs, csvjobsWith, startCsvjobs } from '../support/cli.js';
import { makeCustomers } from '../support/customers.js';
import { startCuttingProxy } from '../support/cuttingProxy.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let daemon: RunningDaemon;
let id: string;

beforeAll(async () => {
  place = await openPlace();
  // Long enough for the daemon's work, and shorter than the pause of this test's reader.
  daemon = await place.start({ UPLOAD_IDLE_TIMEOUT: '5000' });
  const file = join(place.folder, 'customers.csv');
  await writeFile(file, makeCustomers(12_000, 0.9).text);
  const upload = await csvjobs(daemon.url, 'upload', file, '--watch');
  expect(upload.code, upload.stderr).toBe(3);
  id = upload.stdout.trim();
});
afterAll(() => place?.close());

/** A proxy in front of the daemon, for one test. */
async function through(passes: (connection: number) => number) {
  const proxy = await startCuttingProxy(daemon.url, passes);
  onTestFinished(() => proxy.close());
  return proxy;
}

/** Cuts soon after the head of the first answer, within heads, and at various places in rows; then lets the rest pass. */
const CUTS = sized([1_500, 100, 170_001], [1_500, 700, 100, 40_000, 1_201, 170_001, 65_536, 90_007]);

const FORMATS = [
  ['errors.csv', []],
  ['errors.csv, safe for spreadsheets', ['--excel']],
  ['errors.json', ['--format', 'json']],
  ['errors.ndjson', ['--format', 'ndjson']],
] as const;
for (const [name, args] of FORMATS)
  test(name, inShortIf(name === 'errors.json'), async () => {
    const whole = await csvjobs(daemon.url, 'errors', id, ...args);
    expect(whole).toMatchObject({ code: 0, stderr: '' });
    expect(whole.stdout.length).toBeGreaterThan(600_000);
    const proxy = await through((connection) => CUTS[connection] ?? Number.POSITIVE_INFINITY);
    const broken = await csvjobs(proxy.url, 'errors', id, ...args);
    expect(broken.code, broken.stderr).toBe(0);
    expect(broken.stdout === whole.stdout, 'the same bytes').toBe(true);
    expect(proxy.cuts()).toBe(CUTS.length);
    expect(broken.stderr).toMatch(
      /^! the report broke off after row \d+ \(the connection was reset\); continuing from there$/m,
    );
  });

test('-o: the file appears only when complete, without part files', LONG, async () => {
  const proxy = await through((connection) => [100_000, 50_000][connection] ?? Number.POSITIVE_INFINITY);
  const output = join(place.folder, 'errors.csv');
  const { code, stdout, stderr } = await csvjobs(proxy.url, 'errors', id, '-o', output);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/saved .*errors\.csv/);
  expect(proxy.cuts()).toBe(2);
  expect((await readFile(output, 'utf8')) === (await csvjobs(daemon.url, 'errors', id)).stdout).toBe(true);
  expect((await readdir(place.folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('--summary of a job without reason counts: each row once', LONG, async () => {
  await place.database.pool.query(`update jobs set reasons = '{}'`);
  const proxy = await through((connection) => [100_000, 50_000][connection] ?? Number.POSITIVE_INFINITY);
  const broken = await csvjobs(proxy.url, 'errors', id, '--summary', '--json');
  expect(proxy.cuts()).toBe(2);
  expect(broken.stdout).toBe((await csvjobs(daemon.url, 'errors', id, '--summary', '--json')).stdout);
});

test(
  'the daemon stays away: exit 6, the last row, the complete rows so far, and the old file',
  LONG,
  async () => {
    // Each further connection is cut in the head of its answer: nothing new arrives.
    const proxy = await through((connection) => (connection === 0 ? 100_000 : 10));
    const environment = { CSVJOBS_URL: proxy.url, CSVJOBS_RECONNECT: '1s' };
    const printed = await csvjobsWith(environment, 'errors', id);
    expect(printed.code).toBe(6);
    expect(printed.stderr).toMatch(/The report is incomplete: it broke off after row \d+/);
    expect((await csvjobs(daemon.url, 'errors', id)).stdout.startsWith(printed.stdout)).toBe(true);
    const tries = proxy.cuts();
    expect(tries).toBeGreaterThan(2);
    expect(tries).toBeLessThan(10);

    const output = join(place.folder, 'old.csv');
    await writeFile(output, 'old');
    const late = await through((connection) => (connection === 0 ? 100_000 : 10));
    const saved = await csvjobsWith(
      { ...environment, CSVJOBS_URL: late.url },
      'errors',
      id,
      '-o',
      output,
      '--json',
    );
    expect(JSON.parse(saved.stderr)).toMatchObject({ error: { code: 'daemon_unreachable', exitCode: 6 } });
    expect(await readFile(output, 'utf8')).toBe('old');
    expect((await readdir(place.folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  },
);

test('a reader that pauses longer than the daemon waits still gets the whole report', LONG, async () => {
  // More than the buffers on the way hold.
  const { rows } = await place.database.pool.query<{ id: string }>(
    `insert into jobs (id, filename, size_bytes, sha256, status, completed_at, total_rows, processed_rows, failed_count)
   values (gen_random_uuid(), 'long.csv', 1, repeat('a', 64), 'completed', now(), 40000, 40000, 40000) returning id`,
  );
  const long = rows[0]!.id;
  await place.database.pool.query(
    `insert into job_errors (job_id, row_number, line, code, message, row)
   select $1, n, n, 'required', repeat('y', 1000), '{}' from generate_series(1, 40000) n`,
    [long],
  );
  const logged = daemon.log.length;
  const { child, ended } = startCsvjobs({ CSVJOBS_URL: daemon.url }, 'errors', long);
  // Not read until the daemon has dropped the connection.
  const givenUp = () => daemon.log.slice(logged).filter((line) => line.includes('a response was cut off'));
  await expect.poll(givenUp).not.toEqual([]);
  const numbers: string[] = [];
  for (const line of (await child.stdout.setEncoding('utf8').toArray()).join('').split('\n'))
    numbers.push(line.slice(0, line.indexOf(',')));
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(0);
  expect(numbers).toEqual(['rowNumber', ...Array.from({ length: 40_000 }, (_, n) => String(n + 1)), '']);
  expect(stderr).toContain('continuing from there');
});
