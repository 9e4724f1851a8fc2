/** NOT NULL columns that a trigger of the table fills: PostgreSQL checks them after it, so csvjobs does too. */
import { sentenceOf, specOf, type TargetReason } from '@csvjobs/shared';
import { beforeEach, expect, it } from 'vitest';
import { rowPlan } from '../../../src/rows/rowPlan.js';
import { readTarget, readTargetSoon } from '../../../src/sql/target/catalog.js';
import { openTestLoad } from '../support/testLoad.js';
import { makeTargetJob, runToEnd } from './support.js';

const { loading, db } = await openTestLoad();

const TABLE = { schema: 'sales', name: 't' };
beforeEach(async () => {
  await db.plain(`drop schema if exists sales cascade; create schema sales; set search_path = sales;
    create domain word as text not null;
    create table t (id uuid primary key, title text not null, slug text not null, note word default 'none');
    create function f() returns trigger language plpgsql as $$ begin
      new.id := coalesce(new.id, gen_random_uuid()); new.slug := coalesce(new.slug, lower(new.title)); return new; end $$;
    create trigger f before insert on t for each row execute function f()`);
});

async function loaded(header: string[], records: string[][]) {
  const id = await makeTargetJob(loading, db.pool, { table: TABLE, header, records });
  await runToEnd(loading, db, id, { lanes: 1 });
  const { rows: rejected } = await db.pool.query<{ reasons: TargetReason[] }>(
    'select reasons from job_errors where job_id = $1 order by row_number',
    [id],
  );
  const { rows } = await db.pool.query<{ slug: string }>('select slug from sales.t order by slug');
  return {
    slugs: rows.map(({ slug }) => slug),
    rejected: rejected.map(({ reasons }) => reasons.map(sentenceOf)),
  };
}

it('a file may lack them, and a notice says so', async () => {
  expect(await loaded(['title'], [['One'], ['Two']])).toEqual({ slugs: ['one', 'two'], rejected: [] });
  const target = (await readTarget(db.pool, TABLE))!;
  expect(rowPlan(target, undefined, ['title']).notices).toEqual([
    { note: 'no field for id, slug, which may not be NULL: a trigger of the table must fill them' },
  ]);
  expect(rowPlan(target, undefined, ['id', 'title', 'slug']).notices).toEqual([]);
});

it('their fields may be empty; a column that the trigger leaves empty rejects the row', async () => {
  const records = [
    ['', 'One', '', 'x'],
    ['', '', 'two', 'x'],
    ['', 'Three', 'III', ''],
  ];
  expect(await loaded(['id', 'title', 'slug', 'note'], records)).toEqual({
    slugs: ['one'],
    rejected: [['title: a value is required'], ['note: a value is required']],
  });
});

it('their description requires nothing, unless a domain does', async () => {
  await db.plain('alter table sales.t alter note drop default');
  const { schema } = specOf((await readTarget(db.pool, TABLE))!);
  expect(schema!.fields.filter(({ constraints }) => constraints?.required).map(({ name }) => name)).toEqual([
    'note',
  ]);
});

it('a file must have a column whose domain refuses NULL by a check, which no trigger can fill in time', async () => {
  await db.plain(`create domain sales.code as text check (length(value) > 1) check (coalesce(value, '') <> '');
    create domain sales.brief as text check (length(value) < 9);
    create function sales.broken(text) returns boolean language plpgsql as $$ begin raise 'not now'; end $$;
    create domain sales.unsure as text check (sales.broken(value));
    alter table sales.t add code sales.code, add filled sales.code default 'none', add brief sales.brief, add unsure sales.unsure`);
  const target = (await readTargetSoon(db.pool, TABLE))!;
  const faults = (header: string[]) => {
    try {
      rowPlan(target, undefined, header);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(faults(['title'])).toContain('code');
  // An error in a check says nothing about NULL.
  expect(faults(['title', 'code'])).toBeUndefined();
  const { fingerprint } = (await readTarget(db.pool, TABLE))!;
  expect(target.fingerprint).toBe(fingerprint);
  // Nothing of it is done.
  await expect(loaded(['title'], [['One']])).rejects.toMatchObject({ code: 'header_invalid' });
  expect((await db.plain('select from sales.t')).rows).toEqual([]);
});
