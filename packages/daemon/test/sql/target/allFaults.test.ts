/** All faults of a record are named, even if its row exists and PostgreSQL names only the first fault. */
import { readSpec, type SpecInput, type TargetReason } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ON_NEWEST } from '../../support/form.js';
import { openUndoing, type Undoing } from '../undo/undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() =>
  u.sql(`drop schema u cascade; create schema u; create table u.p (id int primary key); insert into u.p values (1);
    create table u.t (k int primary key, a int check (a < 10), b text not null check (b <> 'bad'), c int references u.p,
      check (a > 0 or b <> 'zero'));
    insert into u.t values (1, 5, 'one', 1), (2, 5, 'zero', 1)`),
);

async function reasonsOf(records: (string | number)[][], csvjobs: SpecInput['csvjobs']): Promise<string[][]> {
  const id = await u.into('t', ['k', 'a', 'b', 'c'], records, { spec: readSpec({ csvjobs }), lanes: 1 });
  const rows = await u.sql('select reasons from job_errors where job_id = $1 order by row_number', [id]);
  return rows.map(({ reasons }) => (reasons as TargetReason[]).map(shown));
}

function shown({ code, params }: TargetReason): string {
  return 'constraint' in params ? `${code} ${params.constraint}` : code;
}

const BOTH = ['check_failed t_a_check', 'check_failed t_b_check', 'foreign_key_missing t_c_fkey'];

it('of existing rows like those of new ones, in the words of an insert', ON_NEWEST, async () => {
  const update = { mode: 'update', key: 'k' } as const;
  const faulty = [
    [1, 20, 'bad', 7],
    [9, 20, 'bad', 7],
  ];
  expect(await reasonsOf(faulty, update)).toEqual([BOTH, BOTH]);
  await u.sql('delete from u.t where k = 1');
  expect(await reasonsOf([[1, 20, 'bad', 7]], {})).toEqual([BOTH]);
});

it('of the row as the update would leave it, with its kept values', async () => {
  const update = { mode: 'update', key: 'k', blanks: 'keep' } as const;
  // The check over both columns fails for the kept value.
  expect(await reasonsOf([[2, -1, '', 7]], update)).toEqual([
    ['check_failed t_check', 'foreign_key_missing t_c_fkey'],
  ]);
  expect(await reasonsOf([[1, 20, '', '']], update)).toEqual([['check_failed t_a_check']]);
});

it('no fault is invented: an unchanged foreign key is not checked, and a trigger has the last word', async () => {
  await u.sql('alter table u.t drop constraint t_c_fkey; update u.t set c = 7 where k = 1');
  await u.sql('alter table u.t add constraint t_c_fkey foreign key (c) references u.p not valid');
  const update = { mode: 'update', key: 'k' } as const;
  expect(await reasonsOf([[1, 20, 'bad', 7]], update)).toEqual([BOTH.slice(0, 2)]);
  await u.sql(`create function u.f() returns trigger language plpgsql as $$ begin new.b := 'fine'; return new; end $$;
    create trigger t before insert or update on u.t for each row execute function u.f()`);
  expect(await reasonsOf([[1, 20, 'bad', 1]], update)).toEqual([['check_failed t_a_check']]);
});

it('what only PostgreSQL finds stays, before the other faults', ON_NEWEST, async () => {
  await u.sql(`create function u.raise() returns trigger language plpgsql as $$ begin
      raise check_violation using message = 'closed', constraint = 'own'; end $$;
    create trigger "A" after update on u.t for each row when (new.b = 'shut') execute function u.raise()`);
  const update = { mode: 'update', key: 'k' } as const;
  // The trigger comes before those of foreign keys, whose names begin with RI.
  expect(await reasonsOf([[1, 5, 'shut', 1]], update)).toEqual([['refused own']]);
  expect(await reasonsOf([[1, 5, 'shut', 7]], update)).toEqual([
    ['refused own', 'foreign_key_missing t_c_fkey'],
  ]);
});
