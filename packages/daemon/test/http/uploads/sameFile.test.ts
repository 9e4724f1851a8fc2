/**
 * The same file into the same table again: how it is detected, what `?once=true` promises, and GET
 * /api/jobs/earlier.
 */
import { createHash } from 'node:crypto';
import { type EarlierJob, earlierSchema, paths, uploadedSchema } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { lockFile } from '../../../src/sql/earlierJob.js';
import { transaction } from '../../../src/sql/pool.js';
import { CSV, form, type Harness, makeJob, problemFrom, startHarness, upload } from '../harness.js';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
  await harness.pool.query('create schema sales; create table sales.people (name text, email text)');
});
afterAll(async () => {
  await harness.stop();
});
afterEach(async () => {
  await harness.pool.query('delete from jobs');
  harness.queued.length = 0;
});

const SHA256 = createHash('sha256').update(CSV).digest('hex');
const send = (query = '', headers: Record<string, string> = {}, name = 'customers.csv') =>
  upload(harness, form(CSV, name), headers, query);
const answerOf = async (response: Response) => uploadedSchema.parse(await response.json());
const jobWith = (columns: Record<string, unknown>) => makeJob(harness.pool, { sha256: SHA256, ...columns });
const loaded = (status: string, rows = 1) => ({
  status,
  total_rows: rows,
  processed_rows: rows,
  success_count: rows,
});

async function earlier(query: Record<string, string>): Promise<EarlierJob | null> {
  const response = await fetch(`${harness.url}${paths.earlier}?${new URLSearchParams(query)}`);
  expect(response.status).toBe(200);
  return earlierSchema.parse(await response.json()).earlier;
}

describe('without once', () => {
  test('the file is accepted again, and the response names the newest job with it', async () => {
    const first = await answerOf(await send());
    expect(first.earlier).toBeNull();
    const second = await answerOf(await send('', {}, 'renamed.csv'));
    expect(second.earlier).toMatchObject({
      jobId: first.jobId,
      status: 'pending',
      filename: 'customers.csv',
    });
    const third = await answerOf(await send());
    expect(third.earlier?.jobId).toBe(second.jobId);
    expect(harness.queued).toEqual([first.jobId, second.jobId, third.jobId]);
  });

  test('another table, another byte: not the same', async () => {
    await send();
    const other = await answerOf(await send('?into=sales.people'));
    expect(other.earlier).toBeNull();
    const more = await answerOf(await upload(harness, form(`${CSV}Bo,bo@example.org,,C\n`)));
    expect(more.earlier).toBeNull();
  });

  test('an upload repeated with its key is not an upload of the same file', async () => {
    const before = await answerOf(await send());
    const headers = { 'Idempotency-Key': 'k1' };
    const first = await answerOf(await send('', headers));
    const again = await answerOf(await send('', headers));
    expect(again).toEqual(first);
    expect(again.earlier?.jobId).toBe(before.jobId);
    expect(harness.queued).toHaveLength(2);
  });
});

describe('once=true', () => {
  test('a new file is accepted', async () => {
    const response = await send('?once=true');
    expect(response.status).toBe(202);
    expect((await answerOf(response)).earlier).toBeNull();
  });

  test('with a completed job: 200, its ID, and the file is not stored', async () => {
    const job = await jobWith(loaded('completed', 7));
    const files = await harness.files();
    const response = await send('?once=true');
    expect(response.status).toBe(200);
    expect(response.headers.get('location')).toBe(paths.job(job.id));
    expect(await answerOf(response)).toEqual({
      jobId: job.id,
      table: 'customers',
      earlier: {
        jobId: job.id,
        filename: job.filename,
        status: 'completed',
        createdAt: job.createdAt,
        successCount: 7,
        failedCount: 0,
      },
    });
    expect(await harness.jobs()).toBe(1);
    expect(harness.queued).toEqual([]);
    expect(await harness.files()).toEqual(files);
  });

  test.each([
    ['pending', { status: 'pending' }, 'csvjobs watch'],
    ['processing', loaded('processing', 3), 'csvjobs watch'],
    ['failed with rows loaded', loaded('failed', 3), 'csvjobs retry'],
    ['cancelled with rows loaded', loaded('cancelled', 3), 'csvjobs retry'],
  ])('with a job that is %s: refused, with advice', async (_name, columns, next) => {
    const job = await jobWith(columns);
    const files = await harness.files();
    const problem = await problemFrom(await send('?once=true'));
    expect(problem).toMatchObject({ status: 409, code: 'same_file' });
    expect(problem.detail).toContain(`${next} ${job.id}`);
    expect(await harness.jobs()).toBe(1);
    expect(await harness.files()).toEqual(files);
  });

  test.each([
    ['failed before its first row', { status: 'failed' }],
    ['was cancelled before its first row', { status: 'cancelled' }],
    ['was deleted', { ...loaded('completed'), deleted_at: new Date() }],
  ])('a job that %s does not count', async (_name, columns) => {
    await jobWith(columns);
    const response = await send('?once=true');
    expect(response.status).toBe(202);
    expect((await answerOf(response)).earlier).toBeNull();
  });

  test('repeated with its key it is the same upload, whatever happened to its job', async () => {
    const headers = { 'Idempotency-Key': 'k2' };
    const first = await answerOf(await send('?once=true', headers));
    const again = await send('?once=true', headers);
    expect(again.status).toBe(202);
    expect((await answerOf(again)).jobId).toBe(first.jobId);
  });

  test('simultaneous uploads become one job', async () => {
    const responses = await Promise.all(Array.from({ length: 8 }, () => send('?once=true')));
    expect(responses.map(({ status }) => status).sort()).toEqual([202, ...Array(7).fill(409)]);
    expect(await harness.jobs()).toBe(1);
  });

  test('it waits for an upload of the same file that is about to become a job, and finds it', async () => {
    const file = { sha256: SHA256, table: 'customers' };
    const answer = await transaction(harness.pool, async (db) => {
      await lockFile(db, file);
      const waiting = send('?once=true');
      await vi.waitFor(async () => {
        const { rows } = await harness.pool.query(
          `select count(*) as n from pg_locks where locktype = 'advisory' and not granted
             and database = (select oid from pg_database where datname = current_database())`,
        );
        expect(rows[0].n).toBe(1);
      });
      await db.query(
        `insert into jobs (id, filename, size_bytes, sha256, status, completed_at) values (gen_random_uuid(), 'x', 1, $1, 'completed', now())`,
        [SHA256],
      );
      return { waiting };
    });
    expect((await answer.waiting).status).toBe(200);
    expect(await harness.jobs()).toBe(1);
  });

  test.each(['?once=yes', '?once=', '?once=true&once=true'])('%s is refused', async (query) => {
    expect(await problemFrom(await send(query))).toMatchObject({ code: 'bad_request' });
    expect(await harness.jobs()).toBe(0);
  });
});

describe('GET /api/jobs/earlier', () => {
  test('names the job with the file, by its bytes and its table', async () => {
    expect(await earlier({ sha256: SHA256 })).toBeNull();
    const { jobId } = await answerOf(await send('?into=sales.people'));
    expect(await earlier({ sha256: SHA256 })).toBeNull();
    expect((await earlier({ sha256: SHA256.toUpperCase(), into: 'people' }))?.jobId).toBe(jobId);
  });

  test.each(['', '?sha256=abc', `?sha256=${SHA256}&sha256=${SHA256}`, `?sha256=${SHA256}&into=`])(
    '%s is refused',
    async (query) => {
      expect(await problemFrom(await fetch(`${harness.url}${paths.earlier}${query}`))).toMatchObject({
        code: 'bad_request',
      });
    },
  );

  test('an unknown table', async () => {
    const response = await fetch(`${harness.url}${paths.earlier}?sha256=${SHA256}&into=nowhere`);
    expect(await problemFrom(response)).toMatchObject({ code: 'table_not_found' });
  });
});
