/** A replacement starts only if its role may see and remove every row: rights may have changed since the upload. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createPool } from '../../../src/sql/pool.js';
import { inShortIf } from '../../support/form.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { openLoading } from '../support/loading.js';
import { type Replacing, replaceJob, runOnce } from './replacing.js';

let db: TestDatabase;
/** The same database, connected as the loading role. */
let r: Replacing;
const ROLE = `replacer_${process.pid}`;

beforeAll(async () => {
  db = await createDatabase();
  await db.plain(`create role ${ROLE} login; grant all on all tables in schema public to ${ROLE}`);
  const connection = { ...db.connection, user: ROLE };
  const database = { ...db, connection, pool: createPool(connection, () => {}) };
  r = { loading: await openLoading(), database };
});
afterAll(async () => {
  await r.loading.close();
  await r.database.pool.end();
  await db.plain(`drop owned by ${ROLE}; drop role ${ROLE}`);
  await db.drop();
});
beforeEach(() =>
  db.plain(`drop table if exists t; create table t (id int generated always as identity, k int unique, n int);
    insert into t (k, n) values (1, 1), (2, 2), (3, 3); grant all on t to ${ROLE}`),
);

const rows = async () => (await db.plain('select k, n from t order by k')).rows;

const HIDES = 'alter table t enable row level security; create policy p on t using (k < 3) with check (true)';
const CASES: [change: string, message: RegExp][] = [
  [HIDES, /row security may hide rows of public\.t/],
  [`revoke delete on t from ${ROLE}`, /lacks DELETE on public\.t.*grant delete on/],
  [`revoke select on t from ${ROLE}; grant select (k, n) on t to ${ROLE}`, /lacks SELECT on/],
  [`revoke update on t from ${ROLE}`, /lacks UPDATE on/],
];
it.each(CASES)('%s', async (change, message) => {
  // With a key of the table, and without one.
  for (const [header, records] of [
    [['k', 'n'], [[1, 1]]],
    [['n'], [[1]]],
  ] as const) {
    const id = await replaceJob(r, header, records);
    await db.plain(change);
    const before = await rows();
    const { error } = await runOnce(r, id);
    expect(error).toMatchObject({ code: 'target_denied', message: expect.stringMatching(message) });
    expect(await rows()).toEqual(before);
    await db.plain(
      `grant all on t to ${ROLE}; alter table t disable row level security; drop policy if exists p on t`,
    );
    expect((await runOnce(r, id)).job.status).toBe('completed');
    await db.plain('truncate t; insert into t (k, n) values (1, 1), (2, 2), (3, 3)');
  }
});

const REFERENCED: [string, number[][], number][] = [
  ['some', [[1, 1]], 2],
  ['all', [], 3],
];
for (const [which, records, removed] of REFERENCED)
  it(
    `${which} rows, which others reference by a deferred key where the role cannot see it: nothing is removed`,
    inShortIf(which === 'some'),
    async () => {
      await db.plain(
        'create table child (k int references t (k) deferrable initially deferred); insert into child values (3)',
      );
      try {
        const id = await replaceJob(r, ['k', 'n'], records);
        const before = await rows();
        const { error } = await runOnce(r, id);
        expect(error).toMatchObject({
          code: 'rows_referenced',
          message: expect.stringContaining('child_k_fkey'),
        });
        expect(await rows()).toEqual(before);
        await db.plain('delete from child');
        expect((await runOnce(r, id)).job).toMatchObject({ status: 'completed', counts: { removed } });
      } finally {
        await db.plain('drop table child');
      }
    },
  );

it('rows that others reference where the role cannot see it: nothing is removed, and the GRANT works', async () => {
  await db.plain(
    'create table child (k int references t (k) on delete cascade); insert into child values (3), (1)',
  );
  try {
    const id = await replaceJob(r, ['k', 'n'], [[1, 1]]);
    const before = await rows();
    const { error } = await runOnce(r, id);
    expect(error?.code).toBe('rows_referenced');
    const [grant] = /grant select on .*? to "[^"]*"/.exec(error!.message)!;
    expect(grant).toBe(`grant select on public.child to "${ROLE}"`);
    expect(await rows()).toEqual(before);
    await db.plain(grant);
    expect((await runOnce(r, id)).error?.message).toContain('is referenced by public.child (child_k_fkey)');
    await db.plain('delete from child where k = 3');
    expect((await runOnce(r, id)).job).toMatchObject({ status: 'completed', counts: { removed: 2 } });
    expect((await db.plain('select k from child')).rows).toEqual([{ k: 1 }]);
  } finally {
    await db.plain('drop table child');
  }
});
