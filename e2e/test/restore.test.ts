/** The backup of docs/operations.md, restored elsewhere: pg_dump first, then the upload folder, without Redis. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Job } from '@csvjobs/shared';
import { expect, onTestFinished, test } from 'vitest';
import { inShortIf, skipWithout } from '../../packages/daemon/test/support/form.js';
import { createDatabase } from '../../packages/daemon/test/support/postgres.js';
import { DAEMON } from '../../packages/daemon/test/support/programs.js';
import { TESTED_VERSION } from '../../packages/daemon/test/support/versions.js';
import { csvjobs } from '../support/cli.js';
import { makeCustomers } from '../support/customers.js';
import { openPlace } from '../support/place.js';

const run = promisify(execFile);
const RECORDS = 20_000;

test('jobs and reports are restored; a job in progress continues after its last batch', async (context) => {
  if ((await majorOf('pg_dump')) < TESTED_VERSION || (await majorOf('pg_restore')) < TESTED_VERSION)
    skipWithout(context, `pg_dump and pg_restore of PostgreSQL ${TESTED_VERSION}`);
  // Dropped last, when its daemon has ended.
  const empty = await createDatabase({ empty: true });
  onTestFinished(() => empty.drop());
  const place = await openPlace();
  onTestFinished(() => place.close());
  const copy = await openPlace();
  onTestFinished(() => copy.close());
  const api = await place.start({ DATA_DIR: join(place.folder, 'api') }, '--role', 'api');
  // Small batches, so that the kill comes in the middle.
  const slow = { DATA_DIR: join(place.folder, 'worker'), BATCH_ROWS: '200', WORKER_LANES: '1' };
  const worker = await place.start(slow, '--role', 'worker');
  const first = await made(place.folder, 'first.csv', 1_000, 'a');
  const ended = (await csvjobs(api.url, 'upload', first.file, '--watch', '--quiet')).stdout.trim();
  const report = (await csvjobs(api.url, 'errors', ended)).stdout;
  const second = await made(place.folder, 'second.csv', RECORDS, 'b');
  const half = (await csvjobs(api.url, 'upload', second.file)).stdout.trim();
  const processed = async () => (await jobAt(api.url, half)).processedRows;
  await expect.poll(processed, { interval: 10 }).toBeGreaterThan(0);
  worker.process.kill('SIGKILL');
  const third = await made(place.folder, 'third.csv', 500, 'c');
  const waiting = (await csvjobs(api.url, 'upload', third.file)).stdout.trim();

  // While the API is running. An upload between the two steps has a file, but no job.
  const dump = join(copy.folder, 'csvjobs.dump');
  await run('pg_dump', [...address(place.database.connection), '--format=custom', `--file=${dump}`]);
  const after = (await csvjobs(api.url, 'upload', third.file)).stdout.trim();
  await cp(place.environment.UPLOAD_DIR!, copy.environment.UPLOAD_DIR!, { recursive: true });
  const rows = await processed();
  expect(rows).toBeLessThan(RECORDS);

  await run('pg_restore', [...address(empty.connection), '--exit-on-error', dump]);
  const restored = await copy.start({ DB_NAME: empty.connection.database! });
  const watched = await csvjobs(restored.url, 'watch', half, waiting, '--quiet');
  expect(watched.code, watched.stderr).toBe(3);
  expect(await jobAt(restored.url, half)).toMatchObject({
    status: 'completed',
    totalRows: RECORDS,
    processedRows: RECORDS,
    successCount: second.good,
    failedCount: RECORDS - second.good,
  });
  expect(await jobAt(restored.url, waiting)).toMatchObject({ status: 'completed', totalRows: 500 });
  expect((await csvjobs(restored.url, 'errors', ended)).stdout).toBe(report);
  const { rows: loaded } = await empty.pool.query('select count(*)::int as n from customers');
  expect(loaded[0].n).toBe(first.good + second.good + third.good);

  // The backup has only the file of this upload; it is an orphan, unknown to this database.
  expect(await readdir(copy.environment.UPLOAD_DIR!)).toEqual(expect.arrayContaining([after]));
  expect((await csvjobs(restored.url, 'show', after)).code).toBe(2);
  // By transaction ID: those of another cluster mean nothing (docs/decisions/0034-undo.md). Here it is the same cluster with
  // another database, which counts as another cluster too.
  const undo = await csvjobs(restored.url, 'undo', ended, '--yes');
  expect(undo.code).not.toBe(0);
  expect(undo.stderr).toMatch(/restore|another/);
});

// In the short form uploadFolder.test.ts has a folder without the files that is refused, and one that is adopted, and
// faults/uploads.test.ts a job whose file is gone.
test(
  'without the upload folder, it is refused until it is adopted; then unfinished jobs fail with advice, and all others are restored',
  inShortIf(false),
  async (context) => {
    if ((await majorOf('pg_dump')) < TESTED_VERSION)
      skipWithout(context, `pg_dump of PostgreSQL ${TESTED_VERSION}`);
    // Dropped last, when its daemon has ended.
    const empty = await createDatabase({ empty: true });
    onTestFinished(() => empty.drop());
    const place = await openPlace();
    onTestFinished(() => place.close());
    const api = await place.start({}, '--role', 'api');
    const { file } = await made(place.folder, 'lost.csv', 100, 'd');
    const id = (await csvjobs(api.url, 'upload', file)).stdout.trim();
    const dump = join(place.folder, 'csvjobs.dump');
    await run('pg_dump', [...address(place.database.connection), '--format=custom', `--file=${dump}`]);
    await api.stop();
    await run('pg_restore', [...address(empty.connection), '--exit-on-error', dump]);
    await rename(place.environment.UPLOAD_DIR!, join(place.folder, 'lost'));
    await mkdir(place.environment.UPLOAD_DIR!);
    const there = { DB_NAME: empty.connection.database!, QUEUE_PREFIX: `${place.redis.prefix}:restored` };
    await expect(place.start(there)).rejects.toThrow(/ended with 2:[\s\S]*is not the upload folder/);
    const adopted = await run(process.execPath, [DAEMON, 'adopt-uploads'], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...place.environment, ...there },
    });
    expect(adopted.stdout).toMatch(/0 files.*\n.*lacks 1 file of/);
    const restored = await place.start(there);
    expect((await csvjobs(restored.url, 'watch', id, '--quiet')).code).toBe(5);
    const shown = await csvjobs(restored.url, 'show', id);
    expect(shown.stdout).toContain('file_missing');
  },
);

const jobAt = async (url: string, id: string) =>
  JSON.parse((await csvjobs(url, 'show', id, '--json')).stdout) as Job;

async function made(folder: string, name: string, records: number, mark: string) {
  const { text, good } = makeCustomers(records, 0.05);
  const file = join(folder, name);
  // Different e-mails for each file.
  await writeFile(file, text.replaceAll('@', `${mark}@`));
  return { file, good: good.size };
}

function address({
  host,
  port,
  user,
  database,
}: {
  host: string;
  port: number;
  user: string;
  database?: string;
}) {
  return ['-h', host, '-p', String(port), '-U', user, '-d', database ?? ''];
}

/** The major version of one of PostgreSQL's programs; 0 if it is not installed. */
async function majorOf(program: string): Promise<number> {
  const said = await run(program, ['--version']).catch(() => ({ stdout: '' }));
  return Number(/(\d+)/.exec(said.stdout)?.[1] ?? 0);
}
