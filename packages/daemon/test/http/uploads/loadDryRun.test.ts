/** POST /api/jobs/:id/load: loads the file of a dry run without uploading it again. */
import { randomUUID } from 'node:crypto';
import { type Job, jobSchema, paths, type SpecInput, uploadedSchema } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { CSV, form, type Harness, makeJob, problemFrom, startHarness, upload } from '../harness.js';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
  await harness.pool.query('create schema sales');
});
afterAll(() => harness.stop());
afterEach(async () => {
  await harness.pool.query('update jobs set dry_run = null; delete from jobs');
  harness.queued.length = 0;
});

async function uploaded(csvjobs: SpecInput['csvjobs'], query = '', headers = {}): Promise<string> {
  const body = form(CSV, 'customers.csv');
  body.append('spec', JSON.stringify({ csvjobs }));
  const answer = await upload(harness, body, headers, query);
  expect(answer.status).toBe(202);
  return uploadedSchema.parse(await answer.json()).jobId;
}

/** A finished dry run. */
async function dryRun(csvjobs: SpecInput['csvjobs'] = {}, query = ''): Promise<string> {
  const id = await uploaded({ dryRun: true, ...csvjobs }, query);
  await harness.pool.query(
    `update jobs set status = 'completed', completed_at = now(), total_rows = 2, processed_rows = 2, success_count = 2
     where id = $1`,
    [id],
  );
  harness.queued.length = 0;
  return id;
}

const load = (id: string) => fetch(harness.url + paths.load(id), { method: 'POST' });

async function refusal(answer: Response, status: number) {
  expect(answer.status).toBe(status);
  return problemFrom(answer);
}

async function jobOf(id: string): Promise<Job> {
  return jobSchema.parse(await (await fetch(harness.url + paths.job(id))).json());
}

async function stored(id: string): Promise<string> {
  return Buffer.concat(await harness.storage.open(id).toArray()).toString();
}

test('creates a job with the same file and spec, which keeps its rows', async () => {
  const id = await dryRun({ atomic: true, maxErrors: '1%', default: { company: 'Unknown' } });
  const answer = await load(id);
  expect(answer.status).toBe(202);
  const { jobId, earlier } = uploadedSchema.parse(await answer.json());
  expect(answer.headers.get('location')).toBe(paths.job(jobId));
  // A dry run loads nothing.
  expect(earlier).toBeNull();
  expect(harness.queued).toEqual([jobId]);
  const before = await jobOf(id);
  expect(before.mode).toEqual({ atomic: true, dryRun: true, maxErrors: '1%' });
  expect(await jobOf(jobId)).toMatchObject({
    ...{ status: 'pending', dryRunId: id, filename: before.filename, sha256: before.sha256 },
    mode: { atomic: true, maxErrors: '1%' },
    spec: { csvjobs: { atomic: true, maxErrors: '1%', default: { company: 'Unknown' } } },
  });
  expect((await jobOf(jobId)).mode).not.toHaveProperty('dryRun');
  expect((await jobOf(jobId)).spec?.csvjobs).not.toHaveProperty('dryRun');

  // Each has its own copy of the file.
  await fetch(harness.url + paths.job(id), { method: 'DELETE' });
  expect(await stored(jobId)).toBe(CSV);
});

test('a repeated call returns the same job, and leaves no extra file; deleting it allows another', async () => {
  const id = await dryRun();
  const first = uploadedSchema.parse(await (await load(id)).json());
  const files = await harness.files();
  expect(uploadedSchema.parse(await (await load(id)).json()).jobId).toBe(first.jobId);
  expect((await harness.files()).sort()).toEqual(files.sort());
  expect(harness.queued).toEqual([first.jobId]);
  await harness.pool.query(`update jobs set status = 'cancelled' where id = $1`, [first.jobId]);
  await fetch(harness.url + paths.job(first.jobId), { method: 'DELETE' });
  expect(uploadedSchema.parse(await (await load(id)).json()).jobId).not.toBe(first.jobId);
});

test('only a finished dry run can be loaded', async () => {
  const plain = await makeJob(harness.pool, { status: 'completed' });
  expect((await refusal(await load(plain.id), 409)).detail).toMatch(/is not a dry run/);
  const id = await uploaded({ dryRun: true });
  expect(await refusal(await load(id), 409)).toMatchObject({
    code: 'job_state_conflict',
    detail: expect.stringContaining('is pending: there is no result yet'),
  });
  await harness.pool.query(
    `update jobs set status = 'failed', failure_code = 'gate_not_met', failure_message = 'too many' where id = $1`,
    [id],
  );
  expect((await refusal(await load(id), 409)).detail).toMatch(/has failed, as its load would: too many/);
  await refusal(await load(randomUUID()), 404);
});

test('a table whose definition has changed since is refused', async () => {
  await harness.pool.query('create table sales.people (name text, email text, phone text, company text)');
  const id = await dryRun({ into: 'sales.people' });
  await harness.pool.query('alter table sales.people alter email set not null');
  expect(await refusal(await load(id), 409)).toMatchObject({ code: 'target_changed' });
  await harness.pool.query('alter table sales.people alter email drop not null');
  expect((await load(id)).status).toBe(202);
});

/** A function whose body is `body`; a second version differs in nothing else. */
const fun = (name: string, body: string) =>
  `create or replace function sales.${name}(v text) returns boolean language sql immutable as $$ select ${body} $$`;
const touch = (body: string) =>
  `create or replace function sales.touch() returns trigger language plpgsql as $$ begin ${body}; return new; end $$`;
const PEOPLE = 'create table sales.people (name text, email text, phone text, company text)';

test.each<[string, string, string, string]>([
  [
    'a trigger',
    `${touch('new.name := 1')}; ${PEOPLE}; create trigger t before insert on sales.people
    for each row execute function sales.touch()`,
    touch('new.name := 1'),
    touch('new.name := 2'),
  ],
  [
    'a check',
    `${fun('ok', 'true')}; ${PEOPLE}; alter table sales.people add check (sales.ok(name))`,
    fun('ok', 'true'),
    fun('ok', 'false'),
  ],
  [
    'a domain',
    `${fun('ok', 'true')}; ${PEOPLE}; create domain sales.named as text check (sales.ok(value));
    alter table sales.people alter name type sales.named`,
    fun('ok', 'true'),
    fun('ok', 'false'),
  ],
  [
    'a function that a check calls',
    `${fun('ok', 'true')}; create function sales.outer(v text) returns boolean language sql immutable
    begin atomic select sales.ok(v); end; ${PEOPLE}; alter table sales.people add check (sales.outer(name))`,
    fun('ok', 'true'),
    fun('ok', 'false'),
  ],
  [
    'a default',
    `${fun('ok', 'true')}; ${PEOPLE}; alter table sales.people add made boolean default sales.ok('')`,
    fun('ok', 'true'),
    fun('ok', 'false'),
  ],
  [
    'a generated column',
    `${fun('ok', 'true')}; ${PEOPLE}; alter table sales.people add made boolean generated always as (sales.ok(name)) stored`,
    fun('ok', 'true'),
    fun('ok', 'false'),
  ],
  [
    'an index',
    `${fun('ok', 'true')}; ${PEOPLE}; create index on sales.people (name) where sales.ok(name)`,
    fun('ok', 'true'),
    fun('ok', 'false'),
  ],
])(
  'a function of %s that was replaced since is noticed, unless it is the same',
  async (_, sql, same, other) => {
    await harness.pool.query(`drop schema sales cascade; create schema sales; ${sql}`);
    const id = await dryRun({ into: 'sales.people' });
    await harness.pool.query(other);
    expect(await refusal(await load(id), 409)).toMatchObject({ code: 'target_changed' });
    await harness.pool.query(same);
    expect((await load(id)).status).toBe(202);
  },
);

test('a dry run of an earlier version, which knows nothing of functions, can be loaded', async () => {
  await harness.pool.query(`drop schema sales cascade; create schema sales; ${PEOPLE}`);
  const id = await dryRun({ into: 'sales.people' });
  await harness.pool.query(`update jobs set target = target - 'definitions' where id = $1`, [id]);
  expect((await load(id)).status).toBe(202);
});

test('a removed file is refused', async () => {
  const id = await dryRun();
  await harness.storage.remove(id);
  const jobs = await harness.jobs();
  expect(await refusal(await load(id), 410)).toMatchObject({ code: 'file_gone' });
  expect(await harness.jobs()).toBe(jobs);
});

test('a dry run is not an upload of the same file, and its rejects cannot be fixed before it is loaded', async () => {
  const id = await dryRun();
  await harness.pool.query(
    `update jobs set success_count = 1, failed_count = 1, header = 'name', source = '{}' where id = $1`,
    [id],
  );
  const answer = await upload(harness, form(CSV, 'customers.csv'), {}, '?once=true');
  expect(answer.status).toBe(202);
  expect(uploadedSchema.parse(await answer.json()).earlier).toBeNull();
  const fixes = await upload(harness, form(CSV, 'customers.csv'), {}, `?fixes=${id}`);
  expect((await refusal(fixes, 409)).detail).toContain(`csvjobs load ${id}`);
});

test('the load of a dry run of fixed records fixes the same job', async () => {
  const parent = await uploaded({});
  await harness.pool.query(
    `update jobs set status = 'completed', completed_at = now(), total_rows = 2, processed_rows = 2, success_count = 1,
       failed_count = 1, header = 'name,email,phone,company',
       source = '{"encoding": "utf-8", "delimiter": ","}' where id = $1`,
    [parent],
  );
  const id = await dryRun({}, `?fixes=${parent}`);
  const { jobId } = uploadedSchema.parse(await (await load(id)).json());
  expect(await jobOf(jobId)).toMatchObject({ parent, dryRunId: id });
});

test('a key used for a dry run cannot be used for the load of the file', async () => {
  await uploaded({ dryRun: true }, '', { 'Idempotency-Key': 'k' });
  const again = await upload(harness, form(CSV, 'customers.csv'), { 'Idempotency-Key': 'k' });
  expect((await refusal(again, 409)).detail).toContain('another mode');
});
