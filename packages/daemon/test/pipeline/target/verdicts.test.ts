/**
 * Rows that PostgreSQL refuses in its own words: each reject has its constraint and column, and similar rows
 * are counted together.
 */
import type { TargetReason } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Loading, openLoading } from '../support/loading.js';
import { makeTargetJob, runToEnd } from './support.js';

let loading: Loading;
let db: TestDatabase;
beforeAll(async () => {
  [loading, db] = await Promise.all([openLoading(), createDatabase()]);
});
afterAll(async () => {
  await loading.close();
  await db.drop();
});
beforeEach(async () => {
  await db.pool.query('drop schema if exists "Sales" cascade; create schema "Sales"');
});

const TABLE = { schema: 'Sales', name: 't' };

async function loaded(header: string[], records: string[][], stopsAt: number[] = []) {
  const id = await makeTargetJob(loading, db.pool, { table: TABLE, header, records });
  await runToEnd(loading, db, id, { lanes: 1, stopsAt });
  const { rows } = await db.pool.query<{ message: string; column_name: string; reasons: TargetReason[] }>(
    'select message, column_name, reasons from job_errors where job_id = $1 order by row_number',
    [id],
  );
  const { rows: jobs } = await db.pool.query<{ reasons: Record<string, number> }>(
    'select reasons from jobs where id = $1',
    [id],
  );
  return { rejected: rows, counted: jobs[0]!.reasons };
}

it('an exclusion: its column, and the conflicting row', async () => {
  await db.pool.query(
    'create table "Sales".t (a int, r inet, constraint apart exclude using gist (r inet_ops with &&))',
  );
  const { rejected, counted } = await loaded(
    ['a', 'r'],
    [
      ['1', '10.0.0.1'],
      ['2', '10.0.0.0/28'],
    ],
  );
  expect(rejected.map(({ message, column_name }) => [column_name, message])).toEqual([
    [
      'r',
      'r: PostgreSQL refused the row (apart): Key (r)=(10.0.0.0/28) conflicts with existing key (r)=(10.0.0.1)',
    ],
  ]);
  expect(counted).toEqual({ 'r: PostgreSQL refused the row (apart)': 1 });
});

it('a domain: the name of its check', async () => {
  await db.pool.query(`create domain "Sales".small as int constraint below check (value < 10);
    create domain "Sales".two as int constraint one check (value < 10) constraint other check (value > 0);
    create table "Sales".t (a "Sales".small, b "Sales".two)`);
  const { rejected } = await loaded(
    ['a', 'b'],
    [
      ['10', '10'],
      ['x', '1'],
    ],
  );
  const constraints = rejected.map(({ reasons }) =>
    reasons.map(({ params }) => (params as { constraint?: string | null }).constraint),
  );
  expect(constraints).toEqual([['below', null], [undefined]]);
});

it('a check found only by the insert, worded like one found in advance', async () => {
  await db.pool.query(`create table "Sales".t (a int, b int, constraint ordered check (a < b));
    create function "Sales".f() returns trigger language plpgsql as $$ begin new.b := 5; return new; end $$;
    create trigger f before insert on "Sales".t for each row execute function "Sales".f()`);
  const { rejected } = await loaded(
    ['a', 'b'],
    [
      ['7', '9'],
      ['1', '0'],
    ],
  );
  expect(rejected.map(({ message }) => message)).toEqual(['a: the check ordered (a < b) does not hold']);
});

it('a trigger: its words, without values in the counts, and a bounded number of them', async () => {
  await db.pool.query(`create table "Sales".t (a int, b text);
    create function "Sales".f() returns trigger language plpgsql as $$ begin
      if new.b = 'late' then raise exception 'order % of "%" is too late', new.a, new.b; end if;
      if new.b like 'w%' then raise exception 'no %', translate(new.b, '0123456789', 'abcdefghij'); end if;
      return new; end $$;
    create trigger f before insert on "Sales".t for each row execute function "Sales".f()`);
  const records = Array.from({ length: 200 }, (_, at) => [
    String(at),
    at % 2 ? 'late' : at % 4 ? `w${at}` : 'good',
  ]);
  for (const stopsAt of [[], [40, 90]]) {
    await db.pool.query('truncate "Sales".t');
    const { rejected, counted } = await loaded(['a', 'b'], records, stopsAt);
    expect(rejected[0]!.message).toBe('refused by a trigger (P0001): order 1 of "late" is too late');
    expect(counted).toMatchObject({
      'refused by a trigger (P0001): order … of … is too late': 100,
      'refused by a trigger (P0001): no wc': 1,
      'refused by a trigger (P0001)': 31,
    });
    expect(Object.keys(counted)).toHaveLength(21);
  }
});
