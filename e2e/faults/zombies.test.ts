/** Daemons that are late, stopped, duplicated or have the wrong time: an older attempt cannot write to a newer one's job. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, upload } from './support/client.js';
import { dirtyFile, expectation } from './support/dirtyFile.js';
import { dirtyLines, stored } from './support/dirtyLines.js';
import { FULL, seconds, tell } from './support/figures.js';
import { HELD_FOR_LONG } from './support/heldForLong.js';
import { LOADS } from './support/loads.js';
import { contentsOf, expectUndisturbed, putKnown, storedJob } from './support/oracle.js';
import { shiftableClock } from './support/shiftableClock.js';
import { until } from './support/until.js';

let bench: Bench;
const file = dirtyFile(31, 1_500);
afterEach(() => bench.finish());

const STOPS = [
  ['between two batches', 'after-commit:4=stop'],
  ['inside of a transaction that holds the row of the job', 'before-commit:4=stop'],
] as const;

describe.each(LOADS)('$name', (load) => {
  const file = load.file(31, FULL ? 1_500 : 1_000);

  // The short form has the more telling one, into customers.
  describe.each(STOPS)('stopped %s', (where, failpoints) => {
    const short = load.always && where !== 'between two batches';

    test('past its lock, taken over, and continued', short ? {} : LONG, async () => {
      bench = await openBench({ environment: load.environment });
      await putKnown(bench.pool, file);
      const zombie = bench.daemon({ CSVJOBS_FAILPOINTS: failpoints });
      const id = await upload(await zombie.url(), file);
      const heir = bench.daemon();
      const url = await heir.url();
      await heir.logged('job resumed');
      await until('the heir has loaded more', async () => (await storedJob(bench.pool, id)).processed > 200);
      zombie.signal('SIGCONT');
      await zombie.logged(/no longer this worker's|another attempt has taken over the job/);
      const job = await completed(url, id);
      expect(job.attempt).toBe(2);
      await expectUndisturbed(bench, id, file);
      expect(await storedJob(bench.pool, id)).toMatchObject({ status: 'completed', attempt: 2 });
    });
  });

  // Its connections are idle and stay; and the job waits for the next attempt's batch.
  test.skipIf(load.always)(
    'stopped past its lock, and so is its heir: the first writes nothing',
    LONG,
    async () => {
      bench = await openBench({ environment: load.environment });
      await putKnown(bench.pool, file);
      const zombie = bench.daemon({ CSVJOBS_FAILPOINTS: 'after-commit:4=stop' });
      const id = await upload(await zombie.url(), file);
      const heir = bench.daemon({ CSVJOBS_FAILPOINTS: 'after-commit:6=stop' });
      const url = await heir.url();
      await heir.stopped();
      const before = await storedJob(bench.pool, id);
      zombie.signal('SIGCONT');
      await zombie.logged(/no longer this worker's|another attempt has taken over the job/);
      const now = await storedJob(bench.pool, id);
      // Once the heir's lock has expired, the first may get the job as its third attempt.
      if (now.attempt === before.attempt) expect(now).toEqual(before);
      // It was refused before it tried: the keys of the report would have refused its batch, too.
      expect(zombie.log().map(({ code }) => code)).not.toContain('unexpected');
      heir.signal('SIGCONT');
      await completed(url, id);
      await expectUndisturbed(bench, id, file);
    },
  );

  test('an event loop that is blocked for ten seconds', LONG, async (context) => {
    bench = await openBench({ environment: load.environment });
    await putKnown(bench.pool, file);
    const blocked = bench.daemon({ CSVJOBS_FAILPOINTS: 'after-commit:4=block/10000' });
    const id = await upload(await blocked.url(), file);
    const started = performance.now();
    const other = bench.daemon();
    const job = await completed(await other.url(), id);
    expect(job.attempt).toBeGreaterThan(1);
    tell(context, { 'completed elsewhere after': seconds(performance.now() - started) });
    await completed(await blocked.url(), id);
    await expectUndisturbed(bench, id, file);
  });

  test('an event loop that is blocked for ten seconds, without another daemon', LONG, async () => {
    bench = await openBench({ environment: load.environment });
    await putKnown(bench.pool, file);
    const blocked = bench.daemon({ CSVJOBS_FAILPOINTS: 'after-commit:4=block/10000' });
    const url = await blocked.url();
    const id = await upload(url, file);
    await completed(url, id);
    await expectUndisturbed(bench, id, file);
  });

  test('two daemons on one queue: each job is done once', LONG, async (context) => {
    bench = await openBench({ environment: load.environment });
    const files = (FULL ? [1, 2, 3, 4, 5, 6] : [1, 2]).map((seed) => load.file(seed + 320, 300, `o${seed}`));
    for (const each of files) await putKnown(bench.pool, each);
    const daemons = [bench.daemon(), bench.daemon()];
    const urls = await Promise.all(daemons.map((daemon) => daemon.url()));
    const ids = await Promise.all(files.map((each, index) => upload(urls[index % 2]!, each)));
    for (const [index, id] of ids.entries()) {
      expect((await completed(urls[(index + 1) % 2]!, id)).attempt).toBe(1);
      await expectUndisturbed(bench, id, files[index]!);
    }
    const took = daemons.map((daemon) => daemon.log().filter(({ msg }) => msg === 'job started').length);
    expect(took[0]! + took[1]!).toBe(files.length);
    tell(context, { 'jobs a daemon': took.join(' and ') });
  });
});

test(
  'two jobs that hold what the other waits for: one wins each e-mail, and both finish in their first attempt',
  LONG,
  async (context) => {
    bench = await openBench({ environment: { WORKER_CONCURRENCY: '2', WORKER_LANES: '2' } });
    const url = await bench.daemon({}, { args: ['--role', 'api'] }).url();
    // The first batch has 7 records, the second 14; a batch is inserted in sorted order, its gate first.
    const some = (letter: string, count: number) =>
      Array.from({ length: count }, (_, at) => `${letter}${at}@same.test`);
    const all = ['gate0@same.test', 'gate1@same.test', ...some('x', 14), ...some('y', 14), ...some('z', 900)];
    const starts = [
      ['gate0@same.test', ...some('x', 6), ...some('y', 14)],
      ['gate1@same.test', ...some('y', 6), ...some('x', 14)],
    ];
    const files = starts.map((start) => {
      const emails = [...start, ...all.filter((email) => !start.includes(email))];
      return Buffer.from(`name,email,phone,company\n${emails.map((email) => `n,${email},,c\n`).join('')}`);
    });
    const ids: string[] = [];
    for (const bytes of files) ids.push(await upload(url, bytes));
    const gate = await bench.pool.connect();
    try {
      await gate.query('begin');
      await gate.query(HELD_FOR_LONG);
      for (const [at, id] of ids.entries())
        await gate.query(`insert into customers (job_id, name, email, company) values ($1, 'n', $2, 'c')`, [
          id,
          `gate${at}@same.test`,
        ]);
      bench.daemon({}, { args: ['--role', 'worker'] });
      // Each second batch is ready and waits for its first, which waits at its gate: once released, each finds its rows held
      // by the other job's second batch. A lane that has waited for 2 s by then gives up waiting, which is just as good.
      await until('the lanes of both jobs are at their places', async () => {
        const { rows } = await bench.pool.query<{ ready: number; waiting: number; alone: number }>(
          `select count(*) filter (where state = 'idle in transaction' and query like 'copy customers%') as ready,
           count(*) filter (where wait_event_type = 'Lock') as waiting,
           count(*) filter (where query like 'insert into customers%') as alone
         from pg_stat_activity where datname = current_database() and application_name like 'csvjobs %-%'`,
        );
        const { ready, waiting, alone } = rows[0]!;
        return (ready === 2 && waiting === 2) || alone > 0;
      });
      await gate.query('rollback');
    } finally {
      gate.release();
    }
    const jobs = [];
    for (const id of ids) jobs.push(await completed(url, id));
    expect(jobs.map((job) => job.attempt)).toEqual([1, 1]);
    expect(jobs[0]!.successCount + jobs[1]!.successCount).toBe(all.length);
    const { rows: doubled } = await bench.pool.query(
      'select lower(email) from customers group by lower(email) having count(*) > 1',
    );
    expect(doubled).toEqual([]);
    for (const [index, id] of ids.entries()) {
      const { rows, rejects } = await contentsOf(bench.pool, id, file);
      const numbers = [...rows.map(([number]) => number), ...rejects.map(([number]) => number)];
      expect(numbers.sort((a, b) => a - b)).toEqual(all.map((_, at) => at + 1));
      expect(rejects.filter(([, , , code]) => code !== 'already_in_customers')).toEqual([]);
      expect(expectation(files[index]!, []).records).toBe(all.length);
    }
    tell(context, {
      'rows checked': 2 * all.length,
      'won by each': jobs.map((job) => job.successCount).join(' and '),
    });
  },
);

// The short form has two such jobs in one process (pipeline/conflicts.test.ts, pipeline/target/modes.test.ts).
const LINES = LOADS.filter(({ always }) => !always);

test.for(LINES)(
  'two jobs at once with keys in common, into $name: one of them wins each key',
  LONG,
  async (load, context) => {
    bench = await openBench({ environment: { ...load.environment, WORKER_CONCURRENCY: '2' } });
    const files = [dirtyLines(33, 1_000), dirtyLines(34, 1_000)] as const;
    await putKnown(bench.pool, files[0]);
    const url = await bench.daemon({}, { args: ['--role', 'api'] }).url();
    const ids = [await upload(url, files[0]), await upload(url, files[1])] as const;
    bench.daemon({}, { args: ['--role', 'worker'] });
    const expected: unknown[] = [];
    const won: number[] = [];
    const keys = new Set(files[0].known);
    for (const [at, file] of files.entries()) {
      const job = await completed(url, ids[at]!);
      expect(job.attempt).toBe(1);
      const { rejects } = await contentsOf(bench.pool, ids[at]!, file);
      const codes = new Map(rejects.map(([row, , , code]) => [row, code]));
      for (const [index, record] of file.each.entries()) {
        const code = codes.get(index + 1);
        if (record.code !== undefined) {
          expect(code).toBe(record.code);
          continue;
        }
        const values = stored(record.values!);
        keys.add(`${values[0]},${values[1]}`);
        if (code === undefined) expected.push([index + 1, ...values]);
        else expect(code).toMatch(/^duplicate_in_(table|file)$/);
      }
      won.push(job.successCount);
      expect(job.successCount + job.failedCount).toBe(file.records);
      expect(codes.size).toBe(job.failedCount);
    }
    // Each row is from one record that is in no report, and each key of a good record is there once.
    const rows = await files[0].table.rowsOf(bench.pool, { jobId: '', owner: files[0].owner });
    expect(rows.map((row) => JSON.stringify(row)).sort()).toEqual(
      expected.map((row) => JSON.stringify(row)).sort(),
    );
    expect(rows.length + files[0].known.length).toBe(keys.size);
    tell(context, { 'rows checked': 2_000, 'won by each': won.join(' and ') });
  },
);

test(
  'the clock jumps by an hour and back, in mid-job and while a job waits for its next try',
  LONG,
  async (context) => {
    bench = await openBench({ environment: { BATCH_ROWS: '10' } });
    const long = dirtyFile(35, 2_000);
    await putKnown(bench.pool, long);
    const clock = shiftableClock(bench.folder);
    const daemon = bench.daemon({ ...clock.environment, CSVJOBS_FAILPOINTS: 'before-batch:80=exit' });
    const url = await daemon.url();
    const id = await upload(url, long.bytes);
    await until('some of it is loaded', async () => (await storedJob(bench.pool, id)).processed >= 100);
    clock.set(1);
    await daemon.logged('job failed and will be tried again');
    clock.set(-1);
    const back = performance.now();
    const job = await completed(url, id);
    // PostgreSQL has it a moment before the log, and only that line has the last time.
    await daemon.logged('job completed');
    const times = daemon.log().map(({ time }) => Date.parse(String(time)));
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(7_000_000);
    await expectUndisturbed(bench, id, long);
    tell(context, { attempts: job.attempt, 'done after the last jump': seconds(performance.now() - back) });
  },
);

test(
  'the clock jumps by two hours between a stored file and its job: another daemon does not treat it as an orphan',
  LONG,
  async () => {
    bench = await openBench();
    await putKnown(bench.pool, file);
    const storing = bench.daemon({ CSVJOBS_FAILPOINTS: 'after-rename=stop' });
    const uploaded = upload(await storing.url(), file.bytes);
    const stored = () =>
      readdirSync(bench.uploads).filter((name) => name !== 'incoming' && !name.startsWith('.'));
    await storing.stopped();
    expect(stored()).toHaveLength(1);
    const half = join(bench.uploads, 'incoming', `${crypto.randomUUID()}.part`);
    writeFileSync(half, 'name,email\n');

    const clock = shiftableClock(bench.folder);
    clock.set(2);
    const heir = bench.daemon(clock.environment);
    // Orphans are swept before it listens.
    const url = await heir.url();
    expect(stored()).toHaveLength(1);
    expect(existsSync(half)).toBe(true);
    storing.signal('SIGCONT');
    const id = await uploaded;
    await completed(url, id);
    await expectUndisturbed(bench, id, file);
    rmSync(half);
  },
);
