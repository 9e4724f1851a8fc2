/** Whatever path a job's rows take into their table, its stored IDs are those of the rows, and no others. */
import { randomUUID } from 'node:crypto';
import type { Spec, TableName } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertJob } from '../../../src/sql/jobs.js';
import { type Client, connect, transaction } from '../../../src/sql/pool.js';
import { IDS, openIds } from '../../../src/sql/undo/jobIds.js';
import { journalStatement } from '../../../src/sql/undo/journal.js';
import { idRanges } from '../../../src/sql/undo/loadedRows.js';
import { findOwners, OWNERS } from '../../../src/sql/undo/owners.js';
import type { UndoTarget } from '../../../src/sql/undo/target.js';
import { attemptRows, keepTransaction, xidNumber } from '../../../src/sql/undo/transactionIds.js';
import { type Loading, openLoading } from '../../pipeline/support/loading.js';
import { makeTargetJob, runToEnd } from '../../pipeline/target/support.js';
import { inShortIf } from '../../support/form.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

let loading: Loading;
let database: TestDatabase;
beforeAll(async () => {
  [loading, database] = await Promise.all([openLoading(), createDatabase()]);
});
afterAll(async () => {
  await loading.close();
  await database.drop();
});

/**
 * The number of rows in a table with an ID of the job, and the number of inserts that its transactions
 * report.
 */
async function owned(id: string, table: string): Promise<{ rows: number; inserted: number; ids: number }> {
  return transaction(database.pool, async (db) => {
    const ids = await openIds(db, id);
    const { rows } = await db.query(`select count(*) as rows,
      (select sum(inserted)::int from job_transactions where job_id = '${id}') as inserted
      from ${table} where xmin in (select id from ${IDS})`);
    return { ...rows[0], ids };
  });
}

async function loadInto(table: TableName, header: string[], records: string[][], lanes = 2, spec?: Spec) {
  const id = await makeTargetJob(loading, database.pool, { table, header, records, ...(spec && { spec }) });
  await runToEnd(loading, database, id, { lanes });
  return id;
}

const many = (count: number, make: (at: number) => string[]) =>
  Array.from({ length: count }, (_, at) => make(at));

for (const lanes of [1, 2])
  it(`customers: straight, staged and as suspects, ${lanes} lanes`, inShortIf(lanes === 1), async () => {
    await database.pool.query('truncate customers');
    const file = (from: number, count: number) =>
      Buffer.from(
        `name,email,phone,company\n${many(count, (at) => [`N,c${from + at}@x.example,+4930123456,C`]).join('\n')}\n`,
      );
    const first = await loading.makeJob(database.pool, file(0, 300));
    await loading.load(database, first, lanes);
    expect(await owned(first, 'customers')).toMatchObject({ rows: 300, inserted: 300 });
    // Every other one exists: the batches take the staged path. One exists twice: a suspect, which loses.
    const again = many(300, (at) => [`N,c${at % 2 ? at : 1000 + at}@x.example,+4930123456,C`]);
    const text = `name,email,phone,company\n${[...again, ['N,c1002@x.example,+4930123456,C'], ['N,new@x.example,+4930123456,C']].join('\n')}\n`;
    const second = await loading.makeJob(database.pool, Buffer.from(text));
    await loading.load(database, second, lanes);
    expect(await owned(second, 'customers')).toMatchObject({ rows: 151, inserted: 151 });
    expect(await owned(first, 'customers')).toMatchObject({ rows: 300, inserted: 300 });
  });

for (const lanes of [1, 2])
  it(
    `any table: straight, sifted, staged and one by one, ${lanes} lanes`,
    inShortIf(lanes === 2),
    async () => {
      await database.pool.query(`drop schema if exists ids cascade; create schema ids;
    create table ids.plain (a int, b int check (b < 8));
    create table ids.two (a int unique, b int unique);
    create table ids.tree (a int primary key, parent int references ids.tree);
    create table ids.parts (a int, b int) partition by range (a);
    create table ids.parts_1 partition of ids.parts for values from (0) to (150);
    create table ids.parts_2 partition of ids.parts for values from (150) to (1000)`);
      const plain = { schema: 'ids', name: 'plain' };
      const numbers = (at: number) => [String(at), '1'];
      const straight = await loadInto(plain, ['a', 'b'], many(300, numbers), lanes);
      expect(await owned(straight, 'ids.plain')).toMatchObject({ rows: 300, inserted: 300 });
      const sifted = await loadInto(
        plain,
        ['a', 'b'],
        many(300, (at) => [String(at), String(at % 10)]),
        lanes,
      );
      expect(await owned(sifted, 'ids.plain')).toMatchObject({ rows: 240, inserted: 240 });
      const parts = await loadInto({ schema: 'ids', name: 'parts' }, ['a', 'b'], many(300, numbers), lanes);
      expect(await owned(parts, 'ids.parts')).toMatchObject({ rows: 300, inserted: 300 });
      // Rows that repeat a key of the same batch, by one key or the other: staged, and then one by one.
      const entangled = many(300, (at) => [
        String(at - (at % 7 === 3 ? 1 : 0)),
        String(at - (at % 11 === 5 ? 2 : 0)),
      ]);
      const two = await loadInto({ schema: 'ids', name: 'two' }, ['a', 'b'], entangled, lanes);
      const { rows } = await database.pool.query('select count(*) as n from ids.two');
      const left = Number(rows[0].n);
      expect(left).toBeLessThan(300);
      expect(await owned(two, 'ids.two')).toMatchObject({ rows: left, inserted: left });
      // Children refer to rows of the same batch: one by one.
      const tree = await loadInto(
        { schema: 'ids', name: 'tree' },
        ['a', 'parent'],
        many(300, (at) => [String(at), at === 0 ? '' : String(at === 50 ? 999 : at - 1)]),
        lanes,
      );
      const { rows: grown } = await database.pool.query('select count(*) as n from ids.tree');
      expect(await owned(tree, 'ids.tree')).toMatchObject({
        rows: Number(grown[0].n),
        inserted: Number(grown[0].n),
      });
      expect(await owned(straight, 'ids.plain')).toMatchObject({ rows: 300, inserted: 300 });
    },
  );

it('batches that are savepoints of one transaction keep their own IDs', async () => {
  await database.pool.query('drop table if exists saved; create table saved (a int primary key)');
  const id = randomUUID();
  const about = { filename: 'f.csv', sizeBytes: 1, sha256: '0'.repeat(64), overrides: {} };
  await insertJob(database.pool, { id, ...about, idempotencyKey: null });
  await database.pool.query(`update jobs set target_table = 'public.saved' where id = $1`, [id]);
  const client: Client = await connect(database.connection, 'test');
  try {
    await client.query('begin');
    for (const batch of [1, 2, 3]) {
      await client.query('savepoint batch');
      const at = batch * 10;
      await client.query(`insert into saved values (${at}), (${at + 1})`);
      await attemptRows(client, () => client.query(`insert into saved values (${at + 2})`));
      await expect(
        attemptRows(client, () => client.query(`insert into saved values (${at + 3}), (${at + 3})`)),
      ).resolves.toBeUndefined();
      if (batch === 2) await client.query('rollback to savepoint batch; insert into saved values (99)');
      await keepTransaction(client, id, { inserted: batch === 2 ? 1 : 3 });
      await client.query('release savepoint batch');
      // Other transactions in between have IDs in between.
      await database.pool.query(`insert into saved values (${batch * 100})`);
    }
    await client.query('commit');
  } finally {
    await client.end();
  }
  expect(await owned(id, 'saved')).toEqual({ rows: 7, inserted: 7, ids: 5 });
  expect(await owned(id, `(select xmin, a from saved where a in (100, 200, 300)) as others`)).toMatchObject({
    rows: 0,
  });
});

it('ids on both sides of a multiple of 2³² are found by their 32 bits', async () => {
  const [id, other] = [randomUUID(), randomUUID()];
  const about = { filename: 'f.csv', sizeBytes: 1, sha256: '0'.repeat(64), overrides: {} };
  for (const each of [id, other])
    await insertJob(database.pool, { id: each, ...about, idempotencyKey: null });
  const { rows: own } = await database.pool.query<{ xid: number; relation: number }>(
    `insert into job_transactions (job_id, xid, others, inserted, updated, cluster, database, relation)
     select $1, pg_current_xact_id()::text::bigint, '{[4294967290,4294967300),[4294967310,4294967312)}', 1, 0, csvjobs_cluster(), oid, 'jobs'::regclass
     from pg_database where datname = current_database() returning xid, relation::bigint as relation`,
    [id],
  );
  const { xid, relation } = own[0]!;
  const wanted = [0, 1, 2, 3, 14, 15, xid, ...[90, 91, 92, 93, 94, 95].map((end) => 4294967200 + end)];
  const near = [...wanted, 4, 13, 16, xid - 1, xid + 1, 4294967289];
  await transaction(database.pool, async (db) => {
    const idsIn = async (table: string) =>
      (await db.query<{ id: number }>(`select id::text::bigint as id from ${table} order by 1`)).rows.map(
        (row) => row.id,
      );
    await openIds(db, id);
    expect(await idsIn(IDS)).toEqual(wanted);
    expect(await idRanges(db, id)).toBe(`{[0,4),[14,16),[${xid},${xid + 1}),[4294967290,4294967296)}`);
    const versions = `select unnest(array[${near.join(', ')}]::bigint[]) as id`;
    expect(await findOwners(db, { jobId: other, relation } as UndoTarget, versions)).toEqual([id]);
    expect(await idsIn(OWNERS)).toEqual(wanted);
  });
});

it('the number of an id is that of its text, even if the transaction got its own id late', async () => {
  const { rows } = await database.pool.query<{ next: number }>(
    'select pg_snapshot_xmax(pg_current_snapshot())::text::bigint & 4294967295 as next',
  );
  const { next } = rows[0]!;
  const around = [-3, -2, -1, 0, 1, 2].flatMap((by) => [next + by, next + by + 2 ** 31]);
  const ids = [2, 3, 4, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, ...around.map((id) => id % 2 ** 32)];
  await transaction(database.pool, async (db) => {
    // From here on, age() counts from the next id.
    await db.query(`select age('3'::xid)`);
    await database.pool.query('select pg_current_xact_id()');
    for (const written of ['select pg_current_xact_id()', 'create temporary table written ()']) {
      await db.query(written);
      const read = await db.query<{ number: number }>(
        `select ${xidNumber('id')} as number from unnest($1::text[]::xid[]) with ordinality u (id, place) order by place`,
        [ids.map(String)],
      );
      expect(read.rows.map(({ number }) => number)).toEqual(ids);
    }
  });
});

it('stores the old rows before updating them', async () => {
  await database.pool.query(
    `drop table if exists kept; create table kept (sku text primary key, price float8, note text);
     insert into kept values ('a', 0.1, null), ('b', 1e300, 'x "y", \\z')`,
  );
  const id = randomUUID();
  const client: Client = await connect(database.connection, 'test');
  try {
    await client.query('begin');
    const rows = `select 1::bigint as row, t::text as before, t.xmin as was from kept t where price > 0 for update of t`;
    await client.query(journalStatement(id, ['sku'], rows));
    await client.query('update kept set price = 0');
    await client.query('commit');
  } finally {
    await client.end();
  }
  const { rows } = await database.pool.query(
    `select (old::kept).*, key_columns from job_journal, unnest(before) old where job_id = $1`,
    [id],
  );
  expect(rows).toEqual([
    { sku: 'a', price: 0.1, note: null, key_columns: ['sku'] },
    { sku: 'b', price: 1e300, note: 'x "y", \\z', key_columns: ['sku'] },
  ]);
});
