/**
 * Constraints deferred to the commit: each record is judged as if it were committed on its own, in file
 * order.
 */
import type { Spec } from '@csvjobs/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { findJob } from '../../../src/sql/jobs.js';
import { inShortIf } from '../../support/form.js';
import { openTestLoad } from '../support/testLoad.js';
import { makeTargetJob, runToEnd } from './support.js';

const { loading, db } = await openTestLoad();
beforeEach(() => db.pool.query('drop table if exists t; drop function if exists f'));

const atomic = { csvjobs: { atomic: true } } as Spec;
const update = { csvjobs: { mode: 'update', key: ['a'] } } as Spec;

/** Loads records of `a, b`; returns the `a` of the inserted ones. */
async function load(records: readonly (readonly [number, number | ''])[], lanes: number, spec?: Spec) {
  const id = await makeTargetJob(loading, db.pool, {
    table: { schema: 'public', name: 't' },
    header: ['a', 'b'],
    records: records.map((record) => record.map(String)),
    ...(spec && { spec }),
  });
  await runToEnd(loading, db, id, { lanes });
  const { rows } = await db.pool.query<{ a: number }>('select a from t order by a');
  const { failedCount } = (await findJob(db.pool, id))!;
  expect(rows.length + failedCount).toBe(records.length);
  return rows.map(({ a }) => a);
}

/** The outcome of records that are inserted and committed one by one. */
async function oneByOne(records: readonly (readonly [number, number | ''])[]) {
  for (const [a, b] of records)
    await db.pool.query('insert into t (a, b) values ($1, $2)', [a, b === '' ? null : b]).catch(() => {});
  const { rows } = await db.pool.query<{ a: number }>('select a from t order by a');
  await db.pool.query('truncate t');
  return rows.map(({ a }) => a);
}

const WAYS: [string, number, Spec | undefined][] = [
  ['one lane', 1, undefined],
  ['two lanes', 2, undefined],
  ['one transaction', 1, atomic],
  ['updates', 2, update],
];

describe.each(WAYS)('%s', (way, lanes, spec) => {
  it(
    'a foreign key between rows of the file: a parent after its child comes too late',
    inShortIf(way !== 'one lane'),
    async () => {
      await db.pool.query(
        'create table t (a int primary key, b int references t deferrable initially deferred)',
      );
      // 1 and 3 refer to earlier rows, 2 to a later one, 5 to itself, 9 to none.
      const records = [
        [10, ''],
        [1, 10],
        [2, 11],
        [11, ''],
        [3, 11],
        [5, 5],
        [9, 99],
      ] as const;
      const expected = await oneByOne(records);
      expect(expected).toEqual([1, 3, 5, 10, 11]);
      expect(await load(records, lanes, spec)).toEqual(expected);
    },
  );

  it('a constraint trigger rejects only its record', inShortIf(/transaction|updates/.test(way)), async () => {
    await db.pool.query(`create table t (a int primary key, b int);
      create function f() returns trigger language plpgsql as $$ begin
        if new.b > 100 then raise exception 'too much' using errcode = 'check_violation'; end if; return null; end $$;
      create constraint trigger c after insert or update on t deferrable initially deferred
        for each row execute function f()`);
    const records = [
      [1, 5],
      [2, 500],
      [3, 7],
    ] as const;
    const expected = await oneByOne(records);
    expect(expected).toEqual([1, 3]);
    expect(await load(records, lanes, spec)).toEqual(expected);
  });
});
