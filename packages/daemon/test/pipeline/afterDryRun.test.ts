/** A dry run and the load of its file afterwards: both are refused by the same checks, and a notice says if the results differ. */
import type { LoadMode } from '@csvjobs/shared';
import { afterEach, expect, test } from 'vitest';
import { findJob } from '../../src/sql/jobs.js';
import { openTestLoad } from './support/testLoad.js';

const { loading, db } = await openTestLoad();
afterEach(() => db.pool.query('truncate customers, jobs cascade'));

const FILE = Buffer.from('name,email,company\nAnn,ann@b.co,Acme\nBob,bob@b.co,Acme\nCid,,Acme\n');

async function makeJob(mode: LoadMode, dryRun?: string): Promise<string> {
  const id = await loading.makeJob(db.pool, FILE);
  await db.pool.query('update jobs set mode = $2, dry_run = $3 where id = $1', [
    id,
    JSON.stringify(mode),
    dryRun,
  ]);
  return id;
}

async function dryRun(): Promise<string> {
  const id = await makeJob({ dryRun: true });
  await loading.load(db, id, 1);
  return id;
}

test.each<[string, LoadMode]>([
  ['batch by batch', {}],
  ['atomically', { atomic: true }],
])('loaded %s, the notice has the counts of both', async (_, mode) => {
  const dry = await dryRun();
  await db.pool.query(`insert into customers (name, email, company) values ('Bob', 'bob@b.co', 'Acme')`);
  const id = await makeJob(mode, dry);
  await loading.load(db, id, 1);
  expect(await findJob(db.pool, id)).toMatchObject({
    status: 'completed',
    notices: [
      `the dry run ${dry} found 2 good, 1 rejected, and this load 1 good, 2 rejected: the data in the database have changed in between`,
    ],
  });
});

test('none if the result is the same', async () => {
  const id = await makeJob({}, await dryRun());
  await loading.load(db, id, 1);
  expect(await findJob(db.pool, id)).toMatchObject({ status: 'completed', successCount: 2, notices: [] });
});

test.each<[string, LoadMode]>([
  ['a dry run', { dryRun: true }],
  ['a load', { atomic: true }],
])('%s fails if a check that is deferred to the commit fails', async (_, mode) => {
  await db.plain(`
    create function no_bob() returns trigger language plpgsql as $$ begin
      if new.name = 'Bob' then raise exception 'no Bob'; end if; return null; end $$;
    create constraint trigger no_bob after insert on customers deferrable initially deferred
      for each row execute function no_bob()`);
  const id = await makeJob(mode);
  await expect(loading.load(db, id, 1)).rejects.toThrow('no Bob');
  expect(await findJob(db.pool, id)).toMatchObject({ status: 'processing', successCount: 2 });
  expect((await db.pool.query('select from customers')).rowCount).toBe(0);
  await db.plain('drop trigger no_bob on customers; drop function no_bob');
});
