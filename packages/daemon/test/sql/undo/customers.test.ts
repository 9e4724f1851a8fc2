/** Undos of jobs that loaded customers, whose rows name their job. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ON_NEWEST } from '../../support/form.js';
import { many, openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() => u.sql('drop schema u cascade; create schema u; truncate customers'));

it('changed rows are distinguished from deleted ones', ON_NEWEST, async () => {
  await u.customers(many(50, (at) => `first${at}@x.example`));
  const id = await u.customers([
    ...many(300, (at) => `c${at}@x.example`),
    'first3@x.example',
    'c7@x.example',
  ]);
  await u.sql(
    `update customers set name = 'changed' where email like 'c1_@%'; delete from customers where email like 'c2_@%'`,
  );
  expect(await u.undo(id)).toMatchObject({ inserted: 300, removed: 280, changed: 10, missing: 10 });
  expect(await u.sql('select count(*) as n from customers')).toEqual([{ n: 60 }]);
});

it('those that a trigger changes while a job loads others stay', ON_NEWEST, async () => {
  await u.customers(['first@x.example']);
  await u.sql(`create function u.touch() returns trigger language plpgsql as $$ begin
      update customers set company = 'touched' where email = 'first@x.example'; return null; end $$;
    create trigger touch after insert on customers for each row execute function u.touch()`);
  const id = await u.customers(['second@x.example']);
  expect(await u.undo(id)).toMatchObject({ inserted: 1, removed: 1, missing: 0 });
  expect(await u.sql('select email, company from customers')).toEqual([
    { email: 'first@x.example', company: 'touched' },
  ]);
  await u.sql('drop trigger touch on customers');
});

it('kept, changed and deleted ones are counted once, and not those that only name the job', async () => {
  const id = await u.customers(['a', 'b', 'c', 'd'].map((name) => `${name}@x.example`));
  const other = await u.customers(['e@x.example', 'f@x.example']);
  await u.sql(`update customers set name = 'changed' where email in ('c@x.example', 'e@x.example', 'f@x.example');
    delete from customers where email = 'b@x.example';
    create function u.keep() returns trigger language plpgsql as $$ begin
      if old.email = 'd@x.example' then return null; end if; return old; end $$;
    create trigger keep before delete on customers for each row execute function u.keep()`);
  expect(await u.undo(id)).toMatchObject({ removed: 1, kept: 1, changed: 1, missing: 1 });
  await u.sql('drop trigger keep on customers');
  await u.sql('update customers set job_id = $1', [other]);
  expect(await u.undo(other)).toMatchObject({ removed: 0, changed: 2, missing: 0 });
});
