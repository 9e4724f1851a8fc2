/**
 * Uploads into any table: how a table's name is resolved, what is refused and how, and what the job stores.
 */
import { randomUUID } from 'node:crypto';
import { type Job, paths, type Spec, uploadedSchema } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openTableAccess } from '../../../src/access/tables.js';
import { intoTable } from '../../../src/http/uploads/intoTable.js';
import { createPool } from '../../../src/sql/pool.js';
import { CSV, form, type Harness, problemFrom, startHarness, upload } from '../harness.js';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
  await harness.pool.query(`
    create schema sales; create schema "Sales Dept"; create schema closed;
    create table sales.orders (id int primary key, placed date not null, note text, at timestamptz default now());
    create table "Sales Dept"."Order Lines" (line int not null);
    create table sales.par (id int);
    create table closed.ledger (id int);
    create table readings (id int not null, value numeric);
    create table "Mixed" (id int);
    create view sales.counts as select count(*) as n from sales.orders;
    create materialized view sales.kept as select 1 as n;
    create table sales.computed (a int generated always as identity);
    create sequence sales.numbers`);
});

afterAll(async () => {
  await harness.stop();
});

afterEach(async () => {
  await harness.pool.query('delete from jobs');
  harness.queued.length = 0;
});

const ORDERS = 'id,placed\n1,2024-05-06\n';
const into = (name: string) => `?${new URLSearchParams({ into: name })}`;

/** The job of an upload, as the API shows it. */
async function jobOf(response: Response) {
  if (response.status !== 202) throw new Error(JSON.stringify(await response.json()));
  const { jobId } = uploadedSchema.parse(await response.json());
  const job = (await (await fetch(harness.url + paths.job(jobId))).json()) as Job;
  const { rows } = await harness.pool.query(
    'select target_table, target, spec, filename from jobs where id = $1',
    [jobId],
  );
  return { job, row: rows[0] };
}

async function nothingLeft(before: string[]): Promise<void> {
  expect(await harness.jobs()).toBe(0);
  await vi.waitFor(async () => expect(await harness.files()).toEqual(before));
}

describe('names', () => {
  test.each([
    ['sales.orders', ORDERS, 'sales.orders'],
    ['SALES.Orders', ORDERS, 'sales.orders'],
    ['"sales"."orders"', ORDERS, 'sales.orders'],
    ['"Sales Dept"."Order Lines"', 'line\n1\n', '"Sales Dept"."Order Lines"'],
    ['Sales Dept.Order Lines', 'line\n1\n', '"Sales Dept"."Order Lines"'],
    ['readings', 'id,value\n1,2\n', 'public.readings'],
    ['Readings', 'id,value\n1,2\n', 'public.readings'],
    ['Mixed', 'id\n1\n', 'public."Mixed"'],
  ])('%s is the table %3$s', async (name, csv, table) => {
    const { job, row } = await jobOf(await upload(harness, form(csv, 'orders.csv'), {}, into(name)));
    expect(job).toMatchObject({ table, status: 'pending' });
    expect(job.spec).toBeUndefined();
    expect(row.target_table).toBe(table);
    expect(row.target.fingerprint).toHaveLength(64);
    expect(harness.queued).toEqual([job.id]);
  });

  test.each([undefined, 'customers', 'public.customers', 'Public.customers'.toLowerCase()])(
    'no table, and %s, mean customers',
    async (name) => {
      const query = name === undefined ? '' : into(name);
      const { job, row } = await jobOf(await upload(harness, form(), {}, query));
      expect(job.table).toBe('customers');
      expect(row).toMatchObject({ target_table: 'customers', target: null, spec: null });
    },
  );
});

describe('refused before the file is stored', () => {
  test.each([
    ['sales.ordrs', 404, 'table_not_found', /no table "sales\.ordrs"; did you mean sales\.orders\?/],
    ['sales.pra', 404, 'table_not_found', /did you mean sales\.par\?/],
    [
      'nowhere.nothing',
      404,
      'table_not_found',
      /no table "nowhere\.nothing"; .*csvjobs tables.*create-table/,
    ],
    ['"SALES"."orders"', 404, 'table_not_found', /did you mean sales\.orders\?/],
    ['public.jobs', 403, 'table_not_allowed', /public\.jobs is a table of csvjobs itself/],
    ['jobs', 403, 'table_not_allowed', /^public\.jobs is a table of csvjobs itself/],
    ['JOBS', 403, 'table_not_allowed', /^public\.jobs is a table of csvjobs itself/],
    ['pg_catalog.pg_class', 403, 'table_not_allowed', /of PostgreSQL itself/],
    ['pg_authid', 404, 'table_not_found', /no table "pg_authid"/],
    ['information_schema.nothing', 403, 'table_not_allowed', /of PostgreSQL itself/],
    ['sales.counts', 422, 'table_takes_no_rows', /is a view .*INSTEAD OF/],
    ['sales.kept', 422, 'table_takes_no_rows', /materialized view/],
    ['sales.numbers', 422, 'table_takes_no_rows', /sequence/],
    ['sales.computed', 422, 'table_takes_no_rows', /no column that a file can fill/],
    ['a.b.c', 400, 'table_name_invalid', /not the name of a table/],
    ['sales."orders', 400, 'table_name_invalid', /not the name of a table/],
    [`orders'; drop table sales.orders; --`, 404, 'table_not_found', /no table/],
    ['', 400, 'bad_request', /into is empty/],
  ])('%s: %i %s', async (name, status, code, detail) => {
    const before = await harness.files();
    const problem = await problemFrom(await upload(harness, form(ORDERS), {}, into(name)));
    expect(problem).toMatchObject({ status, code });
    expect(problem.detail).toMatch(detail);
    await nothingLeft(before);
  });

  test('a table given twice', async () => {
    const response = await upload(harness, form(ORDERS), {}, '?into=a&into=b');
    expect((await problemFrom(response)).detail).toContain('once');
  });

  test('a header that does not fit names the missing columns and suggestions, as the job’s run would', async () => {
    const before = await harness.files();
    const csv = form('id,plced\n1,2024-05-06\n');
    const problem = await problemFrom(await upload(harness, csv, {}, into('sales.orders')));
    expect(problem).toMatchObject({ status: 422, code: 'header_invalid' });
    expect(problem.detail).toMatch(
      /missing column: placed; found: id, plced.*csvjobs describe sales\.orders/,
    );
    await nothingLeft(before);
  });
});

test('a role without the right gets the GRANT for the owner to run; tables it may not insert into are not suggested', async () => {
  const role = `r_${randomUUID().slice(0, 8)}`;
  await harness.pool.query(`create role ${role} login; grant select on jobs to ${role};
    grant usage on schema sales, public to ${role}; grant insert (id) on sales.orders to ${role}`);
  const pool = createPool({ ...harness.database, user: role }, () => {});
  const tables = await openTableAccess(pool, { targetTables: '*.*', ownServer: false });
  const into = (name: string) => intoTable({ pool, tables }, { tables: null }, name, undefined);
  const refusal = (name: string) => into(name).catch((error: Error) => error);
  try {
    expect(await refusal('closed.ledger')).toMatchObject({
      code: 'table_no_rights',
      message: `the role ${role} may not use the schema closed; its owner can grant it: grant usage on schema "closed" to "${role}"`,
    });
    expect(await refusal('readings')).toMatchObject({
      code: 'table_no_rights',
      message: expect.stringContaining(`grant insert on "public"."readings" to "${role}"`),
    });
    expect(await refusal('ledger')).toMatchObject({ message: expect.not.stringContaining('mean') });
    const found = await into('orders');
    expect(found?.target?.columns.filter(({ insertable }) => insertable).map(({ name }) => name)).toEqual([
      'id',
    ]);
  } finally {
    await pool.end();
    await harness.pool.query(`drop owned by ${role}; drop role ${role}`);
  }
});

describe('specs', () => {
  const SPEC = { csvjobs: { into: 'sales.orders', aliases: { placed: ['When'] } } };
  const CSV_OF_SPEC = 'id,When\n1,2024-05-06\n';

  function withSpec(spec: string | Blob, where: 'before' | 'after' = 'before', csv = CSV_OF_SPEC): FormData {
    const body = new FormData();
    const add = () =>
      typeof spec === 'string' ? body.append('spec', spec) : body.append('spec', spec, 's.yaml');
    if (where === 'before') add();
    body.append('file', new Blob([csv]), 'orders.csv');
    if (where === 'after') add();
    return body;
  }

  const YAML = 'csvjobs:\n  into: sales.orders\n  aliases:\n    placed: [When]\n';

  test.each([
    ['JSON as text before the file', withSpec(JSON.stringify(SPEC))],
    ['YAML as text after the file', withSpec(YAML, 'after')],
    ['YAML as a file before the file', withSpec(new Blob([YAML]))],
    ['JSON as a file after the file', withSpec(new Blob([JSON.stringify(SPEC)]), 'after')],
  ])('%s: names the table, and stays on the job', async (_, body) => {
    const { job, row } = await jobOf(await upload(harness, body));
    expect(job).toMatchObject({ table: 'sales.orders', spec: SPEC });
    expect(row.spec).toEqual(SPEC);
    const list = (await (await fetch(harness.url + paths.jobs)).json()) as Job[];
    expect(list[0]).toMatchObject({ id: job.id, table: 'sales.orders' });
    expect(list[0]?.spec).toBeUndefined();
  });

  test('the same table in both counts once', async () => {
    const { job } = await jobOf(await upload(harness, withSpec(YAML), {}, into('sales.orders')));
    expect(job.table).toBe('sales.orders');
  });

  test('work for customers too: one stays on the job, and another spec makes another upload', async () => {
    const spec = { csvjobs: { aliases: { company: ['Firm'] } } };
    const csv = CSV.replace('company', 'Firm');
    const body = () => withSpec(JSON.stringify(spec), 'after', csv);
    const key = { 'Idempotency-Key': randomUUID() };
    const { job, row } = await jobOf(await upload(harness, body(), key));
    expect(job).toMatchObject({ table: 'customers', spec });
    expect(row).toMatchObject({ target: null, spec });
    expect((await jobOf(await upload(harness, body(), key))).job.id).toBe(job.id);
    const problem = await problemFrom(await upload(harness, form(csv, 'f.csv'), key));
    expect(problem.code).toBe('header_invalid');
    const plain = await problemFrom(await upload(harness, withSpec('{}', 'before', csv), key));
    expect(plain.code).toBe('spec_mismatch');
    const other = JSON.stringify({ csvjobs: { aliases: { company: ['Firm', 'Shop'] } } });
    const conflict = await problemFrom(await upload(harness, withSpec(other, 'before', csv), key));
    expect(conflict).toMatchObject({ code: 'idempotency_conflict', detail: expect.stringContaining('spec') });
  });

  test('an empty spec counts as none', async () => {
    const { job } = await jobOf(
      await upload(harness, withSpec(new Blob([' \n']), 'before', ORDERS), {}, into('sales.orders')),
    );
    expect(job.spec).toBeUndefined();
  });

  test.each([
    [
      'two tables',
      withSpec(YAML),
      into('public.readings'),
      /for public\.readings, but .* says sales\.orders/,
    ],
    [
      'slips',
      withSpec('csvjobs:\n  aliasses: {}\n'),
      '',
      /csvjobs\.aliasses: unknown property, did you mean "aliases"\?/,
    ],
    [
      'all errors',
      withSpec('{"schema": {"fields": [{"name": 3}]}, "dialekt": {}}'),
      '',
      /schema\.fields\[0\]\.name.*dialekt/,
    ],
    ['invalid YAML', withSpec('a: [1'), '', /it is not YAML/],
    ['invalid JSON', withSpec('{"a": '), '', /it is not JSON/],
    ['not an object', withSpec('42'), '', /the spec/],
    ['not UTF-8', withSpec(new Blob([Uint8Array.of(0xff, 0xfe, 0x41)])), '', /UTF-8/],
    ['too large', withSpec(`# ${'x'.repeat(300_000)}`), '', /at most 262144/],
    ['a file that is too large', withSpec(new Blob(['x'.repeat(2_000_000)])), '', /at most 262144/],
  ])('%s: refused, and nothing is stored', async (_, body, query, detail) => {
    const before = await harness.files();
    const problem = await problemFrom(await upload(harness, body, {}, query));
    expect(problem).toMatchObject({ status: 400, code: 'spec_invalid' });
    expect(problem.detail).toMatch(detail);
    await nothingLeft(before);
  });

  test('`now` is the time of the upload, also for its repetition, and never of another', async () => {
    const key = { 'Idempotency-Key': randomUUID() };
    const csvjobs = { into: 'sales.orders', default: { at: 'now' } };
    const send = async () => {
      const body = form(ORDERS);
      body.append('spec', JSON.stringify({ csvjobs }));
      return jobOf(await upload(harness, body, key));
    };
    const { job } = await send();
    const { now = '' } = (job.spec as Spec).csvjobs!;
    expect(job.spec).toEqual({ csvjobs: { ...csvjobs, now } });
    expect(Math.abs(Date.parse(now) - Date.parse(job.createdAt))).toBeLessThan(3_600_000);
    const again = await send();
    expect([again.job.id, (again.job.spec as Spec).csvjobs?.now]).toEqual([job.id, now]);
  });

  test('two specs are refused', async () => {
    const body = withSpec(YAML);
    body.append('spec', YAML);
    expect((await problemFrom(await upload(harness, body))).detail).toContain('more than one field "spec"');
  });

  test('a spec that contradicts the table is refused', async () => {
    const body = withSpec('csvjobs: {into: sales.orders, constant: {nothing: x}}', 'after', ORDERS);
    const problem = await problemFrom(await upload(harness, body));
    expect(problem).toMatchObject({ status: 422, code: 'spec_mismatch' });
    expect(problem.detail).toContain('nothing');
  });

  test('an Idempotency-Key is bound to one file, one table and one spec', async () => {
    const key = { 'Idempotency-Key': randomUUID() };
    const { job } = await jobOf(await upload(harness, withSpec(YAML), key));
    const again = await jobOf(await upload(harness, withSpec(YAML, 'after'), key));
    expect(again.job.id).toBe(job.id);
    const other = await problemFrom(await upload(harness, withSpec(`${YAML}  trim: true\n`), key));
    expect(other).toMatchObject({ code: 'idempotency_conflict' });
    expect(other.detail).toContain('another spec');
    const table = form(CSV_OF_SPEC.replace('When', 'value').replace('2024-05-06', '2'));
    expect((await problemFrom(await upload(harness, table, key, into('readings')))).detail).toContain(
      'another',
    );
    expect(await harness.jobs()).toBe(1);
  });
});

describe('the list by table', () => {
  test('has the jobs of one table, by its full name', async () => {
    await jobOf(await upload(harness, form(ORDERS), {}, into('sales.orders')));
    await jobOf(await upload(harness, form('id\n1\n'), {}, into('readings')));
    await jobOf(await upload(harness));
    const tables = async (query: string) =>
      ((await (await fetch(`${harness.url}${paths.jobs}?${query}`)).json()) as Job[]).map(
        ({ table }) => table,
      );
    expect(await tables('table=sales.orders')).toEqual(['sales.orders']);
    expect(await tables('table=%22sales%22.orders&summary=true')).toEqual(['sales.orders']);
    expect(await tables('table=customers&status=pending')).toEqual(['customers']);
    expect(await tables('table=public.readings&status=failed,pending')).toEqual(['public.readings']);
    expect(await tables('table=public.readings&status=failed')).toEqual([]);
    expect(await tables('summary=true')).toHaveLength(3);
    for (const table of ['orders', 'a.b.c'])
      expect((await problemFrom(await fetch(`${harness.url}${paths.jobs}?table=${table}`))).detail).toContain(
        'sales.orders',
      );
  });
});
