/** Most triggers change only the row itself, or other tables. They keep no job from being undone, on any path. */
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inShortIf } from '../../support/form.js';
import { many, openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() => u.sql('drop schema u cascade; create schema u'));

const ROW = (name: string, when: string, body: string) =>
  `create function u.${name}() returns trigger language plpgsql as $$ begin ${body} end $$;
   create trigger ${name} ${when} for each row execute function u.${name}()`;

const TRIGGERS: Record<string, string> = {
  'sets updated_at': ROW('stamp', 'before insert or update on u.t', 'new.stamp := now(); return new;'),
  'writes an audit row': ROW(
    'audit',
    'after insert or update or delete on u.t',
    'insert into u.audit values (tg_op, coalesce(new.id, old.id)); return null;',
  ),
  'refuses rows': ROW(
    'guard',
    'before insert or update on u.t',
    "if new.n between 50 and 53 then raise 'never'; end if; return new;",
  ),
  'refuses rows late': ROW(
    'late',
    'after insert or update on u.t',
    "insert into u.audit values (tg_op, new.id); if new.n between 50 and 53 then raise 'never'; end if; return null;",
  ),
  'drops rows': ROW(
    'dropping',
    'before insert or update on u.t',
    'if new.n between 50 and 53 then return null; end if; return new;',
  ),
  'counts in another table': `insert into u.counts values (0); ${ROW('counting', 'after insert or update on u.t', 'update u.counts set n = n + 1; return null;')}`,
  'has transition tables': `create function u.all() returns trigger language plpgsql as $$ begin
      insert into u.audit select tg_op, id from fresh; return null; end $$;
    create trigger alls after insert on u.t referencing new table as fresh for each statement execute function u.all()`,
  'belongs to a rule that also inserts elsewhere': `create rule also as on insert to u.t do also insert into u.audit values ('rule', new.id)`,
  'is deferred': `create function u.deferred() returns trigger language plpgsql as $$ begin
      insert into u.audit values (tg_op, new.id); if new.n between 50 and 53 then raise 'never'; end if; return null; end $$;
    create constraint trigger deferred after insert or update on u.t deferrable initially deferred for each row execute function u.deferred()`,
};

const TABLE = `create table u.audit (op text, id int); create table u.counts (n int); create table u.up (n int primary key);
  insert into u.up select g from generate_series(-2, 500) g where g % 50 <> 7;
  create table u.t (id int primary key, n int check (n <> 99) references u.up deferrable initially deferred, stamp timestamptz)
    partition by range (id);
  create table u.t1 partition of u.t for values from (minvalue) to (60);
  create table u.t2 partition of u.t for values from (60) to (maxvalue);
  insert into u.t select g, g + 301 from generate_series(1, 40) g where g % 50 <> 6`;

/** Some have unreadable numbers, keys that repeat, or violate the check, the foreign key or a trigger. */
const RECORDS = many(150, (at) => [
  at % 13 === 4 ? at + 19 : at + 20,
  at % 17 === 3 ? 'x' : at % 19 === 1 ? 99 : at,
]);

const MODES: [string, Parameters<Undoing['into']>[3]][] = [
  ['1 lane', { lanes: 1 }],
  ['an update in 4 lanes', { lanes: 4, spec: { csvjobs: { mode: 'update', key: ['id'] } } as Spec }],
  [
    'a replacement',
    {
      lanes: 1,
      spec: { csvjobs: { replace: true, maxErrors: '100%', maxRemoved: '100%', key: ['id'] } } as Spec,
    },
  ],
];

/** One in each mode, and one that sees what the statement has written. */
const IN_SHORT = ['writes an audit row', 'refuses rows late', 'is deferred', 'has transition tables'];

for (const [at, trigger] of Object.keys(TRIGGERS).entries())
  describe(`a trigger that ${trigger}`, () => {
    for (const [turn, [mode, how]] of MODES.entries())
      it(mode, inShortIf(IN_SHORT.includes(trigger) && turn === at % MODES.length), async () => {
        await u.sql(`${TABLE}; ${TRIGGERS[trigger]}`);
        const rows = () => u.sql('select id, n from u.t order by id');
        const before = await rows();
        const id = await u.into('t', ['id', 'n'], RECORDS, how);
        expect(await rows()).not.toEqual(before);
        const others = 'select distinct changed_others as n from job_transactions where job_id = $1';
        expect(await u.sql(others, [id])).toEqual([{ n: 0 }]);
        await u.undo(id);
        expect(await rows()).toEqual(before);
      });
  });
