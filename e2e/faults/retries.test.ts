/** Jobs that fail or are cancelled, and continue from the checkpoint, with counters that are always correct. */
import { afterEach, describe, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, getJob, upload } from './support/client.js';
import { dirtyFile } from './support/dirtyFile.js';
import { FULL, seconds, tell } from './support/figures.js';
import { LOADS } from './support/loads.js';
import { contentsOf, expectUndisturbed, putKnown, storedJob } from './support/oracle.js';
import { until } from './support/until.js';

let bench: Bench;
const file = dirtyFile(71, 3_000);
afterEach(() => bench.finish());

async function post(url: string, id: string, what: 'cancel' | 'retry'): Promise<number> {
  return (await fetch(`${url}/api/jobs/${id}/${what}`, { method: 'POST' })).status;
}

// The sixth failure comes after pauses of 31 s.
test('the pause between tries doubles, up to 30 s', LONG, async (context) => {
  bench = await openBench();
  await putKnown(bench.pool, file);
  const broken = bench.daemon({ CSVJOBS_FAILPOINTS: 'before-batch=exit' });
  const id = await upload(await broken.url(), file.bytes);
  const pauses = () => broken.log().flatMap(({ pause }) => (pause === undefined ? [] : [Number(pause)]));
  await until('the sixth failure', () => pauses().length === 6);
  expect(pauses()).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
  const { status, failure } = await getJob(await broken.url(), id);
  expect({ status, code: failure?.code }).toEqual({ status: 'processing', code: 'reader_broke' });
  tell(context, { pauses: pauses().map(seconds).join(', ') });
});

describe.each(LOADS)('$name', (load) => {
  const file = load.file(71, FULL ? 3_000 : 600);

  test(
    'RETRY_LIMIT failures in a row without progress: failed with the reason, and resumed by a retry',
    LONG,
    async () => {
      bench = await openBench({ environment: load.environment });
      await putKnown(bench.pool, file);
      const broken = bench.daemon({ RETRY_LIMIT: '2', CSVJOBS_FAILPOINTS: 'before-batch=exit' });
      const url = await broken.url();
      const id = await upload(url, file);
      await broken.logged('job failed');
      const { status, attempt, failure } = await getJob(url, id);
      expect({ status, attempt }).toEqual({ status: 'failed', attempt: 3 });
      expect(failure).toMatchObject({
        code: 'reader_broke',
        message: expect.stringContaining('reading thread'),
      });
      const pauses = broken.log().flatMap(({ pause }) => (pause === undefined ? [] : [pause]));
      expect(pauses).toEqual([1_000, 2_000]);
      broken.signal('SIGTERM');
      expect(await broken.ended).toBe(0);

      const next = await bench.daemon().url();
      expect(await post(next, id, 'retry')).toBe(202);
      expect((await completed(next, id)).failure).toBeNull();
      await expectUndisturbed(bench, id, file);
    },
  );

  test(
    'cancelled in mid-job: the counters match the loaded rows; retried, it ends as if never stopped',
    LONG,
    async (context) => {
      bench = await openBench({ environment: { ...load.environment, BATCH_ROWS: '10' } });
      await putKnown(bench.pool, file);
      const url = await bench.daemon().url();
      const id = await upload(url, file);
      await until(
        'some of the file is loaded',
        async () => (await storedJob(bench.pool, id)).processed >= 100,
      );
      expect(await post(url, id, 'cancel')).toBe(200);
      await until('its loader is gone', async () => {
        const { rows } = await bench.pool.query(
          `select 1 from pg_stat_activity where datname = current_database()
         and (application_name like $1 or application_name = 'csvjobs job loader')`,
          [`csvjobs ${id}/%`],
        );
        return rows.length === 0;
      });
      const { job, rows, rejects } = await contentsOf(bench.pool, id, file);
      expect(job.status).toBe('cancelled');
      expect(job.processed).toBeLessThan(file.records);
      expect([job.success, job.failed]).toEqual([rows.length, rejects.length]);
      expect(rows).toEqual(file.accepted.slice(0, rows.length));

      expect(await post(url, id, 'retry')).toBe(202);
      await completed(url, id);
      await expectUndisturbed(bench, id, file);
      tell(context, {
        'cancelled after': job.processed,
      });
    },
  );
});
