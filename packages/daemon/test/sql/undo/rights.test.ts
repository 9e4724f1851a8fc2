/** Undos by a role with few rights, and under row security. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createPool } from '../../../src/sql/pool.js';
import { undoJob } from '../../../src/sql/undo/undoJob.js';
import { many, openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() => u.sql('drop schema u cascade; create schema u'));

it('a missing right is reported with its grant', async () => {
  await u.sql('create table u.t (a int primary key); create table u.child (a int references u.t)');
  const id = await u.into(
    't',
    ['a'],
    many(10, (at) => [at]),
  );
  await u.sql(`drop role if exists "undo-er"`).catch(() => {});
  await u.sql(`create role "undo-er"; grant usage on schema u, public to "undo-er"; grant insert on u.t to "undo-er";
    grant select, update on jobs to "undo-er"; grant all on job_transactions, job_journal to "undo-er"`);
  const pool = createPool({ ...u.database.connection, options: '-c role=undo-er' }, () => {});
  const undo = () => undoJob(pool, id, { by: 'x', dryRun: false });
  try {
    await expect(undo()).rejects.toMatchObject({
      code: 'undo_refused',
      message: expect.stringContaining('grant select on u.t to "undo-er"'),
    });
    await u.sql('grant select on u.t to "undo-er"');
    await expect(undo()).rejects.toMatchObject({
      code: 'undo_refused',
      message: expect.stringContaining('grant delete, update on u.t to "undo-er"'),
    });
    await u.sql('grant delete, update on u.t to "undo-er"');
    await expect(undo()).rejects.toMatchObject({
      code: 'undo_refused',
      message: expect.stringContaining('grant select on u.child to "undo-er"'),
    });
    await u.sql('grant select on u.child to "undo-er"');
    expect(await undo()).toMatchObject({ removed: 10 });
  } finally {
    await pool.end();
    await u.sql('drop owned by "undo-er"; drop role "undo-er"');
  }
});

it('is refused if a policy may hide rows that reference those of the job', async () => {
  await u.sql(
    `create table u.t (a int primary key); create table u.child (a int references u.t on delete cascade)`,
  );
  const id = await u.into('t', ['a'], [[1], [2]]);
  const role = `blind_${process.pid}`;
  await u.sql(`insert into u.child values (1); alter table u.child enable row level security;
    create role ${role}; grant usage on schema u, public to ${role}; grant all on u.t, u.child to ${role};
    grant select, update on jobs to ${role}; grant all on job_transactions, job_journal to ${role}`);
  const pool = createPool({ ...u.database.connection, options: `-c role=${role}` }, () => {});
  try {
    await expect(undoJob(pool, id, { by: 'x', dryRun: false })).rejects.toMatchObject({
      code: 'undo_refused',
      message: expect.stringContaining('may not see all rows of u.child'),
    });
    expect(await u.sql('select a from u.t order by a')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await u.sql('select a from u.child')).toEqual([{ a: 1 }]);
  } finally {
    await pool.end();
    await u.sql(`drop owned by ${role}; drop role ${role}`);
  }
});

const COUNTS = [
  [
    'delete',
    'create policy seen on u.t for select using (true); create policy gone on u.t for delete using (a < 7)',
    { kept: 3, missing: 0 },
  ],
  ['see', 'create policy own on u.t using (a < 7)', { kept: 0, missing: 3 }],
] as const;
for (const [right, policies, counts] of COUNTS)
  it(`rows that no policy lets the role ${right} stay, and are counted`, async () => {
    await u.sql('create table u.t (a int primary key)');
    const id = await u.into(
      't',
      ['a'],
      many(10, (at) => [at]),
    );
    const role = `keeper_${process.pid}`;
    await u.sql(`create role ${role}; grant usage on schema u, public to ${role}; grant all on u.t to ${role};
    grant select, update on jobs to ${role}; grant all on job_transactions, job_journal to ${role};
    alter table u.t enable row level security; ${policies}`);
    const pool = createPool({ ...u.database.connection, options: `-c role=${role}` }, () => {});
    try {
      const undone = await undoJob(pool, id, { by: 'x', dryRun: false });
      expect(undone).toMatchObject({ removed: 7, ...counts });
      // A row that the role does not see may be there as it was loaded.
      expect(undone.unseenBy).toBe(counts.missing > 0 ? role : undefined);
      expect(await u.sql('select count(*) as n from u.t')).toEqual([{ n: 3 }]);
    } finally {
      await pool.end();
      await u.sql(`drop owned by ${role}; drop role ${role}`);
    }
  });
