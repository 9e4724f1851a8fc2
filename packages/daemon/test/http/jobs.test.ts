import { randomUUID } from 'node:crypto';
import { get as httpGet } from 'node:http';
import { Readable } from 'node:stream';
import { jobListSchema, jobSchema, jobSummarySchema, paths } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPool } from '../../src/sql/pool.js';
import { sized } from '../support/form.js';
import { putFile } from '../support/putFile.js';
import { startPostgres } from '../support/servers.js';
import { type Harness, makeJob, problemFrom, processed, startHarness } from './harness.js';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
});

beforeEach(async () => {
  await harness.pool.query('delete from jobs');
});

afterAll(async () => {
  await harness.stop();
});

/** The file of a job, as its upload left it. */
const storeFile = (id: string) =>
  putFile(harness.storage, id, Readable.from([Buffer.from('x')]), { maxBytes: 9 });

const get = (path: string) => fetch(harness.url + path);
const post = (path: string) => fetch(harness.url + path, { method: 'POST' });

test('all jobs are listed, newest first', async () => {
  expect(await (await get(paths.jobs)).json()).toEqual([]);
  const older = await makeJob(harness.pool, { created_at: '2020-01-01' });
  const newer = await makeJob(harness.pool, { created_at: '2021-01-01', filename: 'ü.csv' });
  const response = await get(paths.jobs);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(jobListSchema.parse(await response.json())).toEqual([newer, older]);
});

test('a list has no previews of rejects, which a single job has; both have the same pages of summaries', async () => {
  const rejected = { rowNumber: 2, message: 'name is required', row: { name: '' } };
  for (const day of [1, 2, 3])
    await makeJob(harness.pool, {
      created_at: `2021-01-0${day}`,
      errors: JSON.stringify([rejected]),
      reasons: { 'name is required': 1 },
      ...{ total_rows: 1, processed_rows: 1, failed_count: 1 },
    });
  const all = jobListSchema.parse(await (await get(paths.jobs)).json());
  expect(all.map(({ errors }) => errors)).toEqual([[], [], []]);
  const one = jobSchema.parse(await (await get(paths.job(all[0]!.id))).json());
  expect(one).toEqual({ ...all[0], errors: [rejected] });
  expect(all[0]?.reasons).toEqual([{ message: 'name is required', rows: 1 }]);
  const pages = [await get(`${paths.jobs}?summary=true&limit=2`)];
  const next = /<(.*)>; rel="next"/.exec(pages[0]!.headers.get('link') ?? '')?.[1] ?? '';
  pages.push(await get(next));
  const found = (await Promise.all(pages.map((page) => page.json()))).flat();
  expect(found).toEqual(all.map((job) => jobSummarySchema.parse(job)));
});

test('a job is found by its ID in upper or lower case', async () => {
  const job = await makeJob(harness.pool, processed(40));
  expect(jobSchema.parse(await (await get(paths.job(job.id))).json())).toEqual(job);
  expect((await get(paths.job(job.id.toUpperCase()))).status).toBe(200);
});

test('a final job is 304 for a client that has it, until it is retried', async () => {
  const ended = await makeJob(harness.pool, { status: 'failed', completed_at: '2026-01-01' });
  const etag = (await get(paths.job(ended.id))).headers.get('etag')!;
  const again = () => fetch(harness.url + paths.job(ended.id), { headers: { 'If-None-Match': etag } });
  const fresh = await again();
  expect(fresh.status).toBe(304);
  expect(await fresh.text()).toBe('');
  await storeFile(ended.id);
  await post(paths.retry(ended.id));
  const changed = await again();
  expect(changed.status).toBe(200);
  expect(changed.headers.get('etag')).toBeNull();
});

test.each([
  ['GET', paths.job],
  ['GET', paths.report],
  ['POST', paths.cancel],
  ['POST', paths.retry],
] as const)('%s of an unknown job is 404 (%#)', async (method, path) => {
  for (const id of [randomUUID(), 'nonsense', '%E0%A4%A']) {
    const problem = await problemFrom(await fetch(harness.url + path(id), { method }));
    expect(problem).toMatchObject({ code: 'job_not_found', status: 404 });
  }
});

test.each(['pending', 'processing'])('a %s job can be cancelled', async (status) => {
  const { id } = await makeJob(harness.pool, processed(10, status));
  const response = await post(paths.cancel(id));
  expect(response.status).toBe(200);
  expect(jobSchema.parse(await response.json())).toMatchObject({
    id,
    status: 'cancelled',
    processedRows: 10,
  });
});

test.each(['failed', 'cancelled'])('a %s job can be retried and is queued', async (status) => {
  const { id } = await makeJob(harness.pool, processed(10, status));
  await storeFile(id);
  const response = await post(paths.retry(id));
  expect(response.status).toBe(202);
  expect(response.headers.get('location')).toBe(paths.job(id));
  expect(jobSchema.parse(await response.json())).toMatchObject({ status: 'pending', processedRows: 10 });
  expect(harness.queued).toContain(id);
});

test.each([
  [paths.cancel, 'completed', /nothing left to cancel/],
  [paths.cancel, 'failed', /nothing to cancel/],
  [paths.cancel, 'cancelled', /retry it/],
  [paths.retry, 'pending', /will start on its own/],
  [paths.retry, 'processing', /cancel it first/],
  [paths.retry, 'completed', /upload it again/],
] as const)(
  'an action that the job’s state does not allow is a conflict (%#, %s)',
  async (path, status, what) => {
    const { id } = await makeJob(harness.pool, processed(10, status));
    const problem = await problemFrom(await post(path(id)));
    expect(problem).toMatchObject({ code: 'job_state_conflict', status: 409 });
    expect(problem.detail).toMatch(`the job is ${status} `);
    expect(problem.detail).toMatch(what);
  },
);

test.each([
  ['header_invalid', /correct the file and upload it again/],
  ['gzip_damaged', /correct the file and upload it again/],
  ['encoding_undetermined', /\?encoding=/],
  ['spec_mismatch', /a spec that fits/],
])('a job that failed with %s would fail again: its retry is refused, with advice', async (code, next) => {
  const failure = { failure_code: code, failure_message: 'there is no column email' };
  const { id } = await makeJob(harness.pool, { ...processed(0, 'failed'), ...failure });
  await storeFile(id);
  const problem = await problemFrom(await post(paths.retry(id)));
  expect(problem).toMatchObject({ code: 'job_state_conflict', status: 409 });
  expect(problem.detail).toContain(`${code}: there is no column email`);
  expect(problem.detail).toMatch(next);
  expect(harness.queued).not.toContain(id);
});

test('without PostgreSQL the API answers 503 with Retry-After', async () => {
  const server = await startPostgres();
  const pool = createPool(server.connection, () => {});
  const away = await startHarness({ deps: { pool } });
  try {
    await server.stop('immediate');
    for (const path of [paths.jobs, paths.job(randomUUID()), paths.stream(randomUUID())]) {
      const response = await fetch(away.url + path);
      expect(response.headers.get('retry-after')).toBe('2');
      expect(await problemFrom(response)).toMatchObject({ code: 'unavailable', status: 503 });
    }
    expect((await fetch(away.url + paths.alive)).status).toBe(200);
  } finally {
    await away.stop();
    await pool.end();
  }
});

test.each([
  [10, 'Rows that this job has loaded stay: upload the file again only where a key'],
  [0, 'This job has not changed the table: upload the file again'],
])(
  'a job of %i rows whose file is gone cannot be retried; the problem gives advice',
  async (rows, advice) => {
    const { id } = await makeJob(harness.pool, processed(rows, 'failed'));
    const problem = await problemFrom(await post(paths.retry(id)));
    expect(problem).toMatchObject({ code: 'file_gone', status: 410 });
    expect(problem.detail).toContain(advice);
  },
);

describe('a job is deleted', () => {
  const remove = (id: string) => fetch(harness.url + paths.job(id), { method: 'DELETE' });

  test.each(['completed', 'failed', 'cancelled'])(
    'when it is %s: with its report and file, its customers stay',
    async (status) => {
      const { id } = await makeJob(harness.pool, processed(10, status));
      await storeFile(id);
      await harness.pool.query(
        `insert into job_errors (job_id, row_number, line, code, message, row) values ($1, 1, 2, 'required', '', '{}')`,
        [id],
      );
      await harness.pool.query(
        `insert into customers (job_id, name, email, company) values ($1, 'Ada', $2, 'x')`,
        [id, `${status}@example.org`],
      );
      const response = await remove(id);
      expect(response.status).toBe(204);
      expect((await get(paths.job(id))).status).toBe(404);
      expect(await harness.files()).not.toContain(id);
      const { rows } = await harness.pool.query('select job_id from customers where email = $1', [
        `${status}@example.org`,
      ]);
      // They refer to a deleted job and are not visible anywhere.
      expect(rows).toEqual([{ job_id: id }]);
      expect((await harness.pool.query('select from job_errors')).rowCount).toBe(0);
      expect(await (await get(paths.jobs)).json()).toEqual([]);
      for (const path of [paths.report(id), paths.stream(id)]) expect((await get(path)).status).toBe(404);
      for (const path of [paths.cancel(id), paths.retry(id)]) expect((await post(path)).status).toBe(404);
      const left = await harness.pool.query('select * from jobs where id = $1', [id]);
      expect(JSON.stringify(left.rows)).not.toContain('customers.csv');
      expect(await problemFrom(await remove(id))).toMatchObject({ code: 'job_not_found' });
    },
  );

  test.each(['pending', 'processing'])('but not while it is %s', async (status) => {
    const { id } = await makeJob(harness.pool, processed(10, status));
    const problem = await problemFrom(await remove(id));
    expect(problem).toMatchObject({ code: 'job_state_conflict', status: 409 });
    expect(problem.detail).toContain('cancel it first');
  });
});

describe('pages', () => {
  /** Follows the links from one page on; the ids of each page. */
  async function pagesFrom(path: string): Promise<string[][]> {
    const pages: string[][] = [];
    for (let next: string | undefined = path; next; ) {
      const response: Response = await get(next);
      pages.push(jobListSchema.parse(await response.json()).map((job) => job.id));
      next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }
    return pages;
  }

  async function makeJobs(count: number): Promise<string[]> {
    const { rows } = await harness.pool.query<{ id: string }>(
      // Four at a time have the same timestamp, to the microsecond: the ID decides their order.
      `insert into jobs (id, filename, size_bytes, sha256, status, created_at)
       select gen_random_uuid(), 'f', 1, repeat('a', 64), (array['pending','failed','completed'])[n % 3 + 1],
         timestamptz '2026-01-01' + (n / 4) * interval '1 microsecond'
       from generate_series(0, $1::int - 1) n returning id`,
      [count],
    );
    const { rows: ordered } = await harness.pool.query<{ id: string }>(
      'select id from jobs order by created_at desc, id desc',
    );
    expect(rows.length).toBe(count);
    return ordered.map((row) => row.id);
  }

  test('are linked by the Link header, whatever their size; the last one has no next', async () => {
    const all = await makeJobs(23);
    for (const limit of [1, 4, 5, 23, 100]) {
      const pages = await pagesFrom(`${paths.jobs}?limit=${limit}`);
      expect(pages.flat()).toEqual(all);
      expect(pages.length).toBe(Math.ceil(23 / limit));
    }
  });

  test('have 500 jobs by default', async () => {
    await makeJobs(501);
    expect((await pagesFrom(paths.jobs)).map((page) => page.length)).toEqual([500, 1]);
  });

  test('filtered by status have only those jobs, in the same order, and keep the filter in their links', async () => {
    const all = await makeJobs(30);
    const wanted = await harness.pool.query<{ id: string }>(
      `select id from jobs where status in ('failed', 'completed')`,
    );
    const ids = new Set(wanted.rows.map((row) => row.id));
    const pages = await pagesFrom(`${paths.jobs}?status=failed,completed&limit=7`);
    expect(pages.flat()).toEqual(all.filter((id) => ids.has(id)));
    expect(await pagesFrom(`${paths.jobs}?status=cancelled`)).toEqual([[]]);
  });

  test('do not shift when a job is added or deleted between two pages', async () => {
    const all = await makeJobs(6);
    const first = await get(`${paths.jobs}?limit=3`);
    const next = /^<([^>]+)>/.exec(first.headers.get('link')!)![1]!;
    await makeJob(harness.pool);
    await harness.pool.query('delete from jobs where id = $1', [all[2]]);
    expect((await pagesFrom(next)).flat()).toEqual(all.slice(3));
  });

  test.each([
    'limit=0',
    'limit=1001',
    'limit=x',
    'summary=x',
    'status=done',
    'cursor=abc',
    'cursor=MjAyNnww',
    'cursor=',
    'cursor=a&cursor=b',
  ])('refuse %s', async (query) => {
    expect(await problemFrom(await get(`${paths.jobs}?${query}`))).toMatchObject({ code: 'bad_request' });
  });

  test.each(['0', '1001', 'x', '1.5', '-1', '1e9', ''])(
    'refuse limit=%s and name the limits',
    async (limit) => {
      const { detail } = await problemFrom(await get(`${paths.jobs}?limit=${limit}`));
      expect(detail).toBe('limit: must be a whole number from 1 to 1000');
    },
  );

  const ID = '80000000-0000-4000-8000-000000000000';
  test.each([
    `0000-13-45 00:00:00+00|${ID}`,
    `2026-01-01 12:00:00+00|${ID}`,
    `999999-01-01 12:00:00+00|${ID}`,
    `9007199254740992|${ID}`,
    `-9007199254740992|${ID}`,
    `99999999999999999999|${ID}`,
    `1e15|${ID}`,
    `0x10|${ID}`,
    `NaN|${ID}`,
    `|${ID}`,
    `1.5|${ID}`,
    ` 1|${ID}`,
    `1|${ID}|${ID}`,
    `1|${ID}\n`,
    `1|${ID.slice(1)}`,
    `1|\0`,
  ])('refuse a forged cursor: %j', async (text) => {
    const cursor = Buffer.from(text).toString('base64url');
    expect(await problemFrom(await get(`${paths.jobs}?cursor=${cursor}`))).toMatchObject({
      code: 'bad_request',
    });
  });

  test.each([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0, -0])(
    'accept any safe number of microseconds as a position: %i',
    async (at) => {
      const cursor = Buffer.from(`${at}|${ID}`).toString('base64url');
      for (const more of ['', '&status=failed,completed', '&summary=true'])
        expect((await get(`${paths.jobs}?cursor=${cursor}${more}`)).status).toBe(200);
    },
  );

  test('accept or refuse any bytes as a cursor, without failing', { tags: ['sized'] }, async () => {
    const cursors = fc.oneof(
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.tuple(fc.string(), fc.string()).map((parts) => Buffer.from(parts.join('|')).toString('base64url')),
      fc.bigInt().map((at) => Buffer.from(`${at}|${ID}`).toString('base64url')),
    );
    const property = fc.asyncProperty(cursors, async (cursor) => {
      const url = `${harness.url}${paths.jobs}?${new URLSearchParams({ cursor })}`;
      expect([200, 400]).toContain(await statusOnItsOwn(url));
    });
    await fc.assert(property, { seed: 11, numRuns: sized(40, 400) });
  });

  test('are exact to the microsecond, in any time zone', async () => {
    const ids = [];
    for (const micros of ['000001', '000002', '000003', '999999'])
      ids.push((await makeJob(harness.pool, { created_at: `2026-03-29T00:59:59.${micros}Z` })).id);
    const { rows } = await harness.pool.query<{ name: string }>('select current_database() as name');
    await harness.pool.query(`alter database ${rows[0]!.name} set timezone = 'Europe/Berlin'`);
    const berlin = createPool(harness.database, () => {});
    const other = await startHarness({ deps: { pool: berlin } });
    try {
      const found: string[] = [];
      for (let next: string | undefined = `${paths.jobs}?limit=1`; next; ) {
        const response: Response = await fetch(other.url + next);
        found.push(...jobListSchema.parse(await response.json()).map(({ id }) => id));
        next = /^<([^>]+)>/.exec(response.headers.get('link') ?? '')?.[1];
      }
      expect(found).toEqual(ids.reverse());
    } finally {
      await other.stop();
      await berlin.end();
    }
  });

  test('are bounded in bytes, whatever the jobs contain, and remain linked', async () => {
    await harness.pool.query(
      `insert into jobs (id, filename, size_bytes, sha256, notices, failure_code, failure_message, errors, created_at)
       select gen_random_uuid(), 'a.csv', 1, repeat('a', 64), jsonb_build_array(repeat('n', 5000)), 'x', repeat('f', 5000),
         (select jsonb_agg(jsonb_build_object('rowNumber', m, 'message', repeat('m', 2000), 'row', '{}'::jsonb)) from generate_series(1, 100) m),
         timestamptz '2026-01-01' + n * interval '1 s'
       from generate_series(1, 600) n`,
    );
    const sizes: number[] = [];
    const ids = new Set<string>();
    for (let next: string | undefined = `${paths.jobs}?limit=1000`; next; ) {
      const response: Response = await get(next);
      const text = await response.text();
      sizes.push(Buffer.byteLength(text));
      for (const { id } of jobListSchema.parse(JSON.parse(text))) ids.add(id);
      next = /^<([^>]+)>/.exec(response.headers.get('link') ?? '')?.[1];
    }
    expect(ids.size).toBe(600);
    expect(sizes.length).toBeGreaterThan(2);
    for (const size of sizes) expect(size).toBeLessThan(2.1 * 2 ** 20);
    const [, second] = await pagesFrom(`${paths.jobs}?limit=100`);
    expect(second).toHaveLength(100);
  });
});

/**
 * The status of a GET on its own connection: fetch may reuse one that the server, on a busy machine, is just
 * closing.
 */
function statusOnItsOwn(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpGet(url, { agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
    }).once('error', reject);
  });
}
