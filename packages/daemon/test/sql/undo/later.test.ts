/** An undo in a database that has changed: another one, a restarted one, an older one. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweep } from '../../../src/retention.js';
import { deleteJob } from '../../../src/sql/deletedJobs.js';
import { migrate } from '../../../src/sql/migrate.js';
import { createPool } from '../../../src/sql/pool.js';
import { startAgain } from '../../../src/sql/undo/startAgain.js';
import { undoJob } from '../../../src/sql/undo/undoJob.js';
import { runToEnd } from '../../pipeline/target/support.js';
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

it('a job of a daemon that stored no IDs, or whose IDs have expired, cannot be undone', async () => {
  const id = await u.customers(emails('old'));
  const kept = await u.sql('select * from job_transactions where job_id = $1', [id]);
  await u.sql('delete from job_transactions where job_id = $1 and xid = $2', [id, kept[0]!.xid]);
  await expect(u.undo(id)).rejects.toMatchObject({
    code: 'undo_not_kept',
    message: expect.stringContaining('did not keep'),
  });
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
  // Nothing of a deleted job is kept.
  await deleteJob(u.database.pool, young);
  expect(await sweepAfter(undefined)).toMatchObject({ undo: 1 });
  expect(await u.sql('select from job_transactions where job_id = $1', [young])).toEqual([]);
});

it('a retry after an undo loads the whole file again, and can be undone too', async () => {
  await u.sql('create table u.t (a int primary key, b int check (b < 8))');
  const id = await u.into(
    't',
    ['a', 'b'],
    many(300, (at) => [at, at % 10]),
  );
  expect(await u.undo(id)).toMatchObject({ removed: 240 });
  expect(await startAgain(u.database.pool, id)).toMatchObject({
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
