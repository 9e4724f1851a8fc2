/** POST /api/preview: who may call it, what it accepts, and that nothing is stored. */
import { randomUUID } from 'node:crypto';
import { createdTokenSchema, PREVIEW_BYTES, paths, previewSchema } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAccess } from '../../src/access/access.js';
import { openTableAccess } from '../../src/access/tables.js';
import { previewFile } from '../../src/pipeline/preview/previewFile.js';
import { compiledReaders } from '../pipeline/support/readers.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { CSV, form, GATE, type Harness, problemFrom, startHarness } from './harness.js';

const ROOT = 'the-token-in-the-environment';
const readers = compiledReaders();
let database: TestDatabase;
let harness: Harness;
beforeAll(async () => {
  database = await createDatabase();
  const { pool } = database;
  const limits = { ...GATE, batchRows: 10, batchBytes: 1e6 };
  harness = await startHarness({
    deps: {
      pool,
      access: createAccess({ pool, known: [{ name: 'API_TOKEN', token: ROOT }], anonymous: 'never' }),
      tables: await openTableAccess(pool, { targetTables: 'public.*', ownServer: false }),
      preview: (file) => previewFile({ ...database, storage: harness.storage, readers, limits }, file),
    },
  });
});
beforeEach(() =>
  database.pool.query('drop table if exists things; create table things (id int primary key, a text)'),
);
afterAll(async () => {
  await harness.stop();
  await readers.close();
  await database.drop();
});

const FILE = 'id,a\n1,one\nx,two\n';

function preview(query = '', body: FormData = form(FILE, 'things.csv'), token = ROOT): Promise<Response> {
  return fetch(`${harness.url}${paths.preview}${query}`, {
    method: 'POST',
    body,
    headers: { Authorization: `Bearer ${token}` },
  });
}

async function token(body: object): Promise<string> {
  const answer = await fetch(harness.url + paths.tokens, {
    method: 'POST',
    headers: { Authorization: `Bearer ${ROOT}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: `t-${randomUUID()}`, ...body }),
  });
  return createdTokenSchema.parse(await answer.json()).token;
}

test('the records of a file, with its spec too; no job, no row, no file', async () => {
  const answer = await preview('?into=things');
  expect(answer.status).toBe(200);
  const found = previewSchema.parse(await answer.json());
  expect(found).toMatchObject({ table: 'public.things', counts: { inserted: 1, rejected: 1 }, more: false });
  await database.pool.query(`insert into things values (1, 'old')`);
  const body = form(FILE, 'things.csv');
  body.append(
    'spec',
    JSON.stringify({ csvjobs: { into: 'things', mode: 'update', atomic: true, maxErrors: 0 } }),
  );
  const updated = previewSchema.parse(await (await preview('?rows=1', body)).json());
  expect(updated).toMatchObject({
    records: [{ fate: 'updated', before: { a: 'old' }, values: { a: 'one' } }],
    more: true,
  });
  const customers = previewSchema.parse(await (await preview('', form(CSV))).json());
  expect(customers).toMatchObject({ table: 'customers', records: [{ fate: 'inserted', stored: true }] });
  const { rows } = await database.pool.query(
    'select (select count(*) from jobs) + (select count(*) from customers) as left, (select a from things) as a',
  );
  expect(rows[0]).toEqual({ left: 0, a: 'old' });
  expect(await harness.files()).toEqual([]);
  expect(harness.queued).toEqual([]);
});

test('only a token with write scope for that table may preview; and only if TARGET_TABLES has the table', async () => {
  const reads = await token({ scope: 'read' });
  expect((await problemFrom(await preview('?into=things', undefined, reads))).code).toBe('forbidden');
  const other = await token({ scope: 'write', tables: ['public.other'] });
  // The same for a table that does not exist: nobody learns which do.
  for (const name of ['things', 'nothing'])
    expect((await problemFrom(await preview(`?into=${name}`, undefined, other))).code).toBe(
      'table_not_allowed',
    );
  expect((await problemFrom(await preview('?into=public.jobs'))).code).toMatch(/^table_not_(allowed|found)$/);
  const mine = await token({ scope: 'write', tables: ['public.things'] });
  expect((await preview('?into=things', undefined, mine)).status).toBe(200);
  expect((await problemFrom(await preview('', form(CSV), mine))).code).toMatch(/^table_not_(allowed|found)$/);
});

test('a preview refuses what an upload refuses, in the same words; the size is that of the whole file', async () => {
  expect(await problemFrom(await preview('?into=nothing'))).toMatchObject({ code: 'table_not_found' });
  expect(await problemFrom(await preview('?into=things', form('x,y\n1,2\n')))).toMatchObject({
    code: 'header_invalid',
  });
  expect(await problemFrom(await preview('?into=things', form('')))).toMatchObject({ code: 'file_empty' });
  const large = await preview(`?into=things&cut=true&size=${GATE.maxUploadBytes + 1}`);
  expect(await problemFrom(large)).toMatchObject({ code: 'file_too_large' });
  const cut = await preview('?into=things&cut=true&size=500', form('id,a\n1,one\n2,tw'));
  expect(previewSchema.parse(await cut.json())).toMatchObject({ beginning: true, counts: { inserted: 1 } });
  const spec = form(FILE);
  spec.append('spec', '{"csvjobs": {"mode": "no"}}');
  expect(await problemFrom(await preview('?into=things', spec))).toMatchObject({ code: 'spec_invalid' });
});

test('only the beginning is read, and no more records than the limit allows', async () => {
  const body = form(Buffer.alloc(PREVIEW_BYTES + 1, 'a'));
  expect(await problemFrom(await preview('?into=things', body))).toMatchObject({ code: 'file_too_large' });
  for (const query of ['rows=0', 'rows=101', 'rows=x', 'rows=1&rows=2', 'cut=maybe', 'cut=true&size=-1'])
    expect(await problemFrom(await preview(`?into=things&${query}`))).toMatchObject({ code: 'bad_request' });
});

test('one caller cannot take all places', async () => {
  await database.pool.query('create index if not exists things_a on things (a)');
  const holder = await database.pool.connect();
  try {
    await holder.query(`begin; insert into things values (1, 'held')`);
    const answers = await Promise.all(Array.from({ length: 6 }, () => preview('?into=things')));
    const codes = await Promise.all(answers.map(async (answer) => (await problemFrom(answer)).code));
    expect(codes).toContain('too_many_uploads');
    expect(codes).toContain('rows_locked');
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  expect((await preview('?into=things')).status).toBe(200);
});
