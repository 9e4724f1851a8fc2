/** Loads by a role that row security restricts. */
import type { Spec } from '@csvjobs/shared';
import { beforeEach, expect, it } from 'vitest';
import { findJob } from '../../../src/sql/jobs.js';
import { COLUMNS, counted, file, restrictedLoads, SIZED, TABLE } from './restrictedLoads.js';
import { restrictedRole } from './restrictedRole.js';
import { makeTargetJob, runToEnd, runWithin } from './support.js';

const given = restrictedRole();
const { tableNow, loadsAsOneByOne } = restrictedLoads(given);
let { loading, db, modest, role } = given;
beforeEach(() => {
  ({ loading, db, modest, role } = given);
});

it('accepts the rows that a policy allows, and rejects the others', SIZED, async () => {
  await db.plain(`create table sales.t (${COLUMNS}); insert into sales.t values (129, 'south', 1), (128, 'north', 1);
    grant select, insert on sales.t to ${role};
    alter table sales.t enable row level security;
    create policy seen on sales.t for select using (region = 'north');
    create policy added on sales.t for insert with check (region in ('north', 'south'))`);
  const refused = counted(await loadsAsOneByOne(file));
  expect(refused).toMatchObject({ '42501': expect.any(Number), '23505': expect.any(Number) });
  expect(refused['42501']).toBeGreaterThan(20);
});

it('applies to the owner too, if forced', SIZED, async () => {
  await db.plain(`create table sales.t (${COLUMNS}); alter table sales.t owner to ${role};
    alter table sales.t enable row level security;
    alter table sales.t force row level security;
    create policy added on sales.t with check (n % 2 = 0)`);
  expect(counted(await loadsAsOneByOne(file))['42501']).toBeGreaterThan(20);
});

it('without any policy accepts no row, and the report gives advice', async () => {
  await db.plain(`create table sales.t (${COLUMNS}); grant insert on sales.t to ${role};
    alter table sales.t enable row level security`);
  const id = await makeTargetJob(loading, modest.pool, file);
  await runToEnd(loading, modest, id, { lanes: 1 });
  expect(await tableNow()).toEqual([]);
  const { rows } = await modest.pool.query(
    `select message from job_errors where job_id = $1 order by row_number`,
    [id],
  );
  expect(rows[0].message).toContain('violates row-level security policy for table "t"');
  expect(rows).toHaveLength(file.records.length);
});

it.each([
  ['skip', { skipped: 1, updated: 0 }],
  ['update', { skipped: 0, updated: 1 }],
] as const)('with %s, a key of a hidden row is refused, and the reason says why', async (mode, counts) => {
  for (const lanes of [1, 4]) {
    await db.plain(`drop table if exists sales.t; create table sales.t (${COLUMNS});
      insert into sales.t values (1, 'north', 1), (2, 'south', 2); grant all on sales.t to ${role};
      alter table sales.t enable row level security; create policy p on sales.t using (a <> 2) with check (true)`);
    const records = [1, 2, 3, 2].map((a) => [String(a), 'north', '9']);
    const id = await makeTargetJob(loading, modest.pool, {
      ...file,
      records,
      spec: { csvjobs: { mode } },
    });
    await runToEnd(loading, modest, id, { lanes });
    expect((await findJob(modest.pool, id))!.counts).toEqual({ inserted: 1, unchanged: 0, ...counts });
    const { rows } = await modest.pool.query(
      'select row_number as row, message from job_errors where job_id = $1 order by row_number',
      [id],
    );
    const message = expect.stringContaining('row security hides it from this database role');
    expect(rows).toEqual([
      { row: 2, message },
      { row: 4, message },
    ]);
  }
});

it('with update, another key that is repeated is not called hidden, nor one of another table', async () => {
  await db.plain(`create table sales.t (a int primary key, n int unique); insert into sales.t values (1, 1); grant all on sales.t to ${role};
    alter table sales.t enable row level security; create policy p on sales.t using (true);
    drop schema if exists apart cascade; create schema apart; create table apart.t (a int primary key); insert into apart.t values (30);
    create function apart.f() returns trigger language plpgsql security definer as $$ begin
      insert into apart.t values (new.a * 10); return null; end $$;
    create trigger f after insert on sales.t for each row execute function apart.f()`);
  const id = await makeTargetJob(loading, modest.pool, {
    ...{ table: TABLE, header: ['a', 'n'] },
    records: [
      ['2', '1'],
      ['3', '3'],
    ],
    spec: { csvjobs: { mode: 'update', key: ['a'] } } as Spec,
  });
  await runToEnd(loading, modest, id, { lanes: 1 });
  const { rows } = await modest.pool.query(
    'select message from job_errors where job_id = $1 order by row_number',
    [id],
  );
  expect(rows.map(({ message }) => message)).toEqual([
    'n: already in t, perhaps from an earlier row of this file (t_n_key)',
    'PostgreSQL refused the row (t_pkey): duplicate key value violates unique constraint "t_pkey": Key (a)=(30) already exists',
  ]);
  await db.plain('drop schema apart cascade');
});

it('with update, a row that a policy shows but does not let it update is refused', async () => {
  await db.plain(`create table sales.t (a int primary key, n int); insert into sales.t values (1, 1), (2, 2); grant all on sales.t to ${role};
    alter table sales.t enable row level security; create policy seen on sales.t for select using (true);
    create policy changed on sales.t for update using (a = 1)`);
  const id = await makeTargetJob(loading, modest.pool, {
    ...{ table: TABLE, header: ['a', 'n'] },
    records: [
      ['1', '5'],
      ['2', '5'],
    ],
    spec: { csvjobs: { mode: 'update', key: ['a'] } } as Spec,
  });
  await runToEnd(loading, modest, id, { lanes: 1 });
  expect((await findJob(modest.pool, id))!.counts).toMatchObject({ updated: 1 });
  const { rows } = await modest.pool.query(
    'select row_number as row, message from job_errors where job_id = $1',
    [id],
  );
  expect(rows).toEqual([
    { row: 2, message: expect.stringContaining('this database role may not update the row') },
  ]);
  expect(await tableNow()).toEqual([{ row: '(1,5)' }, { row: '(2,2)' }]);
});

it('that is enabled while a job runs applies from then on', async () => {
  await db.plain(`create table sales.t (${COLUMNS}); grant insert on sales.t to ${role};
    create policy added on sales.t for insert with check (region = 'north')`);
  const id = await makeTargetJob(loading, modest.pool, file);
  const between = () => db.plain('alter table sales.t enable row level security');
  expect(await runWithin(loading, modest, id, 1, between)).toBeUndefined();
  const { rows } = await db.plain('select region, max(n) as last from sales.t group by 1 order by 1');
  // The first batch has five records.
  expect(rows.filter(({ region }) => region !== 'north')).toEqual([
    { region: 'south', last: 1 },
    { region: 'west', last: 3 },
  ]);
  expect(rows.find(({ region }) => region === 'north').last).toBeGreaterThan(100);
});
