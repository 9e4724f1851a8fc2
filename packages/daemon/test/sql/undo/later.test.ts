/** An undo in a database that has changed: another one, a restarted one, an older one. */
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweep } from '../../../src/retention.js';
import { migrate } from '../../../src/sql/migrate.js';
import { createPool } from '../../../src/sql/pool.js';
import { journalStatement } from '../../../src/sql/undo/journal.js';
import { startAgain } from '../../../src/sql/undo/startAgain.js';
import { sweepUndo } from '../../../src/sql/undo/sweepUndo.js';
import { undoJob } from '../../../src/sql/undo/undoJob.js';
import { runToEnd } from '../../pipeline/target/support.js';
import { LONG } from '../../support/form.js';
import { onPlain } from '../../support/postgres.js';
import { startPostgres } from '../../support/servers.js';
import { many, openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());

const emails = (name: string) => many(100, (at) => `${name}${at}@x.example`);

it('is refused in a copy of the database, whose rows have the same IDs', async () => {
  const id = await u.customers(emails('copied'));
  const { database } = u.database.connection;
  const admin = (sql: string) => onPlain({ ...u.database.connection, database: 'postgres' }, sql);
  await admin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`);
  await admin(`create database ${database}_copy template ${database}`);
  const pool = createPool({ ...u.database.connection, database: `${database}_copy` }, () => {});
  try {
    await expect(undoJob(pool, id, { by: 'x', dryRun: false })).rejects.toMatchObject({
      code: 'undo_impossible',
      message: expect.stringMatching(/restored or moved .*delete from customers where job_id = '/),
    });
  } finally {
    await pool.end();
    await admin(`drop database ${database}_copy with (force)`);
  }
  // As after a restore into another cluster that assigns the same OIDs.
  await u.sql('update job_transactions set cluster = cluster + 1 where job_id = $1', [id]);
  await expect(u.undo(id)).rejects.toMatchObject({ code: 'undo_impossible' });
  await u.sql('update job_transactions set cluster = cluster - 1 where job_id = $1', [id]);
  // Two billion transactions later, newer rows may have these IDs.
  await u.sql('update job_transactions set xid = xid - 2147483648 where job_id = $1', [id]);
  await expect(u.undo(id)).rejects.toMatchObject({ message: expect.stringContaining('two billion') });
  await u.sql('update job_transactions set xid = xid + 2147483648 where job_id = $1', [id]);
  expect(await u.undo(id)).toMatchObject({ removed: 100 });
});

it.each([
  ['in another cluster', 'cluster = cluster + 1', 'restored or moved'],
  ['in another database', 'database = 1', 'restored or moved'],
  ['into another table', `relation = 'pg_class'::regclass`, 'another table'],
  ['two billion transactions ago', 'xid = xid - 2147483648', 'two billion'],
])('is refused if a part of the job was loaded %s', async (_, change, message) => {
  await u.sql('drop schema u cascade; create schema u; create table u.t (a int primary key)');
  const id = await u.into('t', ['a'], [[1]]);
  await u.writeAs(id, ['insert into u.t values (2)'], { inserted: 1 });
  const first = 'xid = (select min(xid) from job_transactions where job_id = $1)';
  await u.sql(`update job_transactions set ${change} where job_id = $1 and ${first}`, [id]);
  await expect(u.undo(id)).rejects.toMatchObject({
    code: 'undo_impossible',
    message: expect.stringContaining(message),
  });
  expect(await u.sql('select a from u.t order by a')).toEqual([{ a: 1 }, { a: 2 }]);
});

/** As an older version has stored columns. */
const WITHOUT_NUMBERS = `update job_transactions set columns = (
  select jsonb_agg(each - 'number' order by place) from jsonb_array_elements(columns) with ordinality e (each, place))
  where job_id = $1`;

it.each([
  ['add column w int', false],
  ['add column w int', true],
  ['alter column v type varchar(50)', false],
  ['alter column v type varchar(50)', true],
])(
  'is refused if the columns of the table changed in the middle of the job: %s, stored without numbers: %s',
  async (change, withoutNumbers) => {
    await u.sql(`drop schema u cascade; create schema u; create table u.t (id int primary key, v text);
      insert into u.t values (1, 'a'), (2, 'b')`);
    const spec = { csvjobs: { mode: 'update', key: ['id'] } } as Spec;
    const id = await u.into('t', ['id', 'v'], [[1, 'x']], { spec });
    await u.sql(`alter table u.t ${change}`);
    const second = 'select 1::bigint as row, t::text as before, t.xmin as was from u.t t where id = 2';
    const statements = [journalStatement(id, ['id'], second), `update u.t set v = 'y' where id = 2`];
    await u.writeAs(id, statements, { inserted: 0, updated: 1 });
    if (withoutNumbers) await u.sql(WITHOUT_NUMBERS, [id]);
    await expect(u.undo(id)).rejects.toMatchObject({
      code: 'undo_impossible',
      message: expect.stringContaining('u.t had other columns in the middle of the job'),
    });
    expect(await u.sql('select v from u.t order by id')).toEqual([{ v: 'x' }, { v: 'y' }]);
  },
);

it('a job of which an older version has loaded the first part is undone', async () => {
  await u.sql(`drop schema u cascade; create schema u; create table u.t (id int primary key, v text);
    insert into u.t values (1, 'a'), (2, 'b')`);
  const spec = { csvjobs: { mode: 'update', key: ['id'] } } as Spec;
  const id = await u.into('t', ['id', 'v'], [[1, 'x']], { spec });
  await u.sql(WITHOUT_NUMBERS, [id]);
  const second = 'select 1::bigint as row, t::text as before, t.xmin as was from u.t t where id = 2';
  const statements = [journalStatement(id, ['id'], second), `update u.t set v = 'y' where id = 2`];
  await u.writeAs(id, statements, { inserted: 0, updated: 1 });
  expect(await u.undo(id)).toMatchObject({ restored: 2 });
});

it('after a restart of the server, and after a kill, the rows are found', async () => {
  const server = await startPostgres({ fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' });
  const pool = createPool(server.connection, () => {});
  try {
    await migrate(server.connection);
    const database = { ...u.database, pool, connection: server.connection };
    const ids: string[] = [];
    for (const name of ['one', 'two']) {
      const text = `name,email,phone,company\n${emails(name)
        .map((email) => `N,${email},,C\n`)
        .join('')}`;
      ids.push(await u.loading.makeJob(pool, Buffer.from(text)));
      await u.loading.load(database, ids.at(-1)!, 2);
    }
    const wanted = { removed: 100, missing: 0 };
    await server.kill();
    await server.restart();
    expect(await undoJob(pool, ids[0]!, { by: 'x', dryRun: false })).toMatchObject(wanted);
    await onPlain(server.connection, 'vacuum (freeze) customers');
    expect(await undoJob(pool, ids[1]!, { by: 'x', dryRun: false })).toMatchObject(wanted);
  } finally {
    await pool.end().catch(() => {});
    await server.stop();
  }
});

it('a job of a daemon that stored no IDs, or whose IDs have expired, cannot be undone', LONG, async () => {
  const id = await u.customers(emails('old'));
  const kept = await u.sql('select * from job_transactions where job_id = $1', [id]);
  await u.sql('delete from job_transactions where job_id = $1 and xid = $2', [id, kept[0]!.xid]);
  await expect(u.undo(id)).rejects.toMatchObject({
    code: 'undo_not_kept',
    message: expect.stringContaining('did not keep'),
  });
  const missesOne = await u.customers(emails('missing'), 1);
  await u.sql('update job_transactions set inserted = inserted - 1 where job_id = $1 and xid = $2', [
    missesOne,
    (await u.sql('select min(xid) as xid from job_transactions where job_id = $1', [missesOne]))[0]!.xid,
  ]);
  await expect(u.undo(missesOne)).rejects.toMatchObject({ code: 'undo_not_kept' });
  const swept = await u.customers(emails('swept'));
  const young = await u.customers(emails('young'));
  await u.sql(`update jobs set completed_at = now() - interval '2 days' where id = any($1)`, [[id, swept]]);
  const storage = { list: async () => [], remove: async () => {} };
  const sweepAfter = (undoMs: number | undefined) =>
    sweep(u.database.pool, storage, { filesMs: undefined, jobsMs: undefined, undoMs });
  expect(await sweepAfter(undefined)).toMatchObject({ undo: 0 });
  expect(await sweepAfter(86_400_000)).toMatchObject({ undo: 2 });
  expect(await sweepAfter(86_400_000)).toMatchObject({ undo: 0 });
  expect(await u.sql('select from job_transactions where job_id = $1', [swept])).toEqual([]);
  await expect(u.undo(swept)).rejects.toMatchObject({
    code: 'undo_not_kept',
    message: expect.stringContaining('RETAIN_UNDO'),
  });
  // The next sweep completes an interrupted deletion.
  await u.sql('update jobs set deleted_at = now() where id = $1', [young]);
  expect(await sweepAfter(undefined)).toMatchObject({ undo: 1 });
  expect(await u.sql('select from job_transactions where job_id = $1', [young])).toEqual([]);
});

it('what is kept for other jobs is not removed with what has expired', async () => {
  await u.sql(`drop schema u cascade; create schema u; create table u.t (id int primary key, v text);
    insert into u.t values (1, 'old'), (2, 'old')`);
  const spec = { csvjobs: { mode: 'update', key: ['id'] } } as Spec;
  const [old, young] = [1, 2].map((row) => () => u.into('t', ['id', 'v'], [[row, 'new']], { spec }));
  const ids = [await old!(), await young!()];
  await u.sql(`update jobs set completed_at = now() - interval '2 days' where id = $1`, [ids[0]]);
  expect(await sweepUndo(u.database.pool, 86_400_000)).toBe(1);
  expect(await u.sql('select job_id from job_journal where job_id = any($1)', [ids])).toEqual([
    { job_id: ids[1] },
  ]);
  expect(await u.undo(ids[1]!)).toMatchObject({ restored: 1 });
});

it('only an undone job is loaded from the start', async () => {
  const id = await u.customers(emails('again'));
  expect(await startAgain(u.database.pool, id)).toBeNull();
  expect(await u.undo(id)).toMatchObject({ removed: 100 });
});

it('a retry after an undo loads the whole file again, and can be undone too', async () => {
  await u.sql(
    'drop schema u cascade; create schema u; create table u.t (a int primary key, b int check (b < 8))',
  );
  const id = await u.into(
    't',
    ['a', 'b'],
    many(300, (at) => [at, at % 10]),
  );
  await u.sql('update jobs set queued_ms = 1, reading_ms = 1, loading_ms = 1 where id = $1', [id]);
  expect(await u.undo(id)).toMatchObject({ removed: 240 });
  expect(await startAgain(u.database.pool, id)).toMatchObject({
    timings: { queuedMs: 0, readingMs: 0, loadingMs: 0 },
    ...{ status: 'pending', totalRows: 0, processedRows: 0, successCount: 0, failedCount: 0, errors: [] },
  });
  expect(await u.sql('select from job_errors where job_id = $1', [id])).toEqual([]);
  await runToEnd(u.loading, u.database, id, { lanes: 2 });
  expect(await u.sql('select status, success_count, failed_count from jobs where id = $1', [id])).toEqual([
    { status: 'completed', success_count: 240, failed_count: 60 },
  ]);
  expect(await u.sql('select count(*) as n from u.t')).toEqual([{ n: 240 }]);
  expect(await u.undo(id)).toMatchObject({ removed: 240, missing: 0 });
  expect(await u.sql('select count(*) as n from u.t')).toEqual([{ n: 0 }]);
});
