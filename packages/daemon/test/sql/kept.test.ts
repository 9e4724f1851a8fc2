/** A kept plan: made once for a connection, used by all who have the connection later, and never assumed. */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { runKept } from '../../src/sql/kept.js';
import { type Connection, connect, createPool, type Db, transaction } from '../../src/sql/pool.js';
import { skipWithout } from '../support/form.js';
import { hasPgBouncer, type PgBouncer, startPgBouncer } from '../support/pgbouncer.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let db: TestDatabase;
let bouncer: PgBouncer | undefined;
beforeAll(async () => {
  db = await createDatabase();
  await db.plain('create table a (id int primary key, v text); insert into a values (1, $$one$$)');
  // All clients of this one share a single connection to the server.
  if (hasPgBouncer()) bouncer = await startPgBouncer(db.connection, { default_pool_size: '1' });
});
afterAll(async () => {
  await bouncer?.stop();
  await db.drop();
});

const SQL = 'select v::text, $1::text as said from a where v = $2';
const run = (on: Db, said = 'x') => runKept<{ v: string; said: string }>(on, SQL, [said, 'one']);
const plans = async (on: Db) =>
  (await on.query('select generic_plans::int, custom_plans::int from pg_prepared_statements')).rows;

test.for([
  ['directly', () => db.connection as Connection],
  ['through PgBouncer', () => bouncer?.connection],
] as const)('%s: one plan for all transactions', async ([way, where], context) => {
  if (way !== 'directly' && !bouncer) skipWithout(context, 'PgBouncer');
  const pool = createPool({ ...where()!, max: 1 }, () => {});
  onTestFinished(() => pool.end());
  for (const said of ['x', "it's", 'back\\slash', `$$ "; --`])
    expect(await transaction(pool, (on) => run(on, said))).toEqual([{ v: 'one', said }]);
  await transaction(pool, async (on) => {
    expect(await run(on)).toHaveLength(1);
    expect(await plans(on)).toEqual([{ generic_plans: 5, custom_plans: 0 }]);
    expect((await on.query('show plan_cache_mode')).rows).toEqual([{ plan_cache_mode: 'auto' }]);
  });
  // Another client of the pooler, and one that forgets what the connection has.
  const other = createPool({ ...where()!, max: 1 }, () => {});
  onTestFinished(() => other.end());
  expect(await transaction(other, (on) => run(on))).toHaveLength(1);
  await transaction(other, async (on) => {
    const [{ generic_plans: times }] = await plans(on);
    expect(times).toBe(way === 'directly' ? 1 : 6);
    await on.query('deallocate all');
    expect(await run(on)).toHaveLength(1);
  });
  expect(await transaction(pool, (on) => run(on))).toHaveLength(1);
});

test('outside of a transaction nothing is kept; a changed table is planned again', async () => {
  const client = await connect(db.connection, 'test');
  onTestFinished(() => client.end());
  expect(await run(client)).toHaveLength(1);
  expect(await run(db.pool)).toHaveLength(1);
  expect(await plans(client)).toEqual([]);
  await client.query('begin');
  expect(await run(client)).toHaveLength(1);
  await client.query(`alter table a alter v type varchar(9), add column w int; update a set v = 'two'`);
  expect(await run(client)).toEqual([]);
  await client.query('rollback');
  expect(await plans(client)).toHaveLength(1);
});
