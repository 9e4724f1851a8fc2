/** An unreadable value hides no fault of the record's other columns, on any path of its batch. */
import { readSpec, type SpecInput, sentenceOf, type TargetReason } from '@csvjobs/shared';
import { beforeEach, expect, it } from 'vitest';
import { sized } from '../../support/form.js';
import { openTestLoad } from '../support/testLoad.js';
import { expectCounters, makeTargetJob, runToEnd } from './support.js';

const { loading, db } = await openTestLoad();

const TABLE = { schema: 'Sales', name: 't' };
const HEADER = ['id', 'n', 'low', 'high', 'p', 'q', 'doc', 'small'];

beforeEach(() =>
  db.pool.query(`drop schema if exists "Sales" cascade; create schema "Sales";
    create table "Sales".p (id int, part int, primary key (id, part)); insert into "Sales".p values (1, 1);
    create domain "Sales".small as int check (value < 10);
    create table "Sales".t (id int primary key, n numeric(6,2) constraint above check (n > 0), low int, high int,
      p int, q int, doc jsonb, small "Sales".small, constraint ordered check (low <= high),
      constraint part foreign key (p, q) references "Sales".p)`),
);

const BAD: [record: string[], codes: string[]][] = [
  [
    ['x', '-1', '1', '2', '1', '1', '{}', '1'],
    ['not_an_integer id', 'check_failed n'],
  ],
  [
    ['1', '1.239', '3', '2', '1', '2', '{}', '1'],
    ['too_many_decimals n', 'check_failed low', 'foreign_key_missing p'],
  ],
  // Conditions on an unreadable value cannot be checked.
  [
    ['2', '-1.239', 'y', '2', '1', 'z', '{}', '1'],
    ['too_many_decimals n', 'not_an_integer low', 'not_an_integer q'],
  ],
  [
    ['3', '-1', '2', '1', '9', '', '[', '99'],
    ['not_json doc', 'invalid_value small', 'check_failed n', 'check_failed low'],
  ],
  [
    ['x', '-1', '', '1', '', '', '[', '99'],
    ['not_an_integer id', 'not_json doc', 'invalid_value small', 'check_failed n'],
  ],
  [
    ['4', '-1', '2', '1', '', '', '', '5'],
    ['check_failed n', 'check_failed low'],
  ],
];
const good = (at: number) => [String(100 + at), '1', '1', '2', '1', '1', '', ''];

/** In a file that updates rows, the rules of the table are for records that can be read. */
function beforeUpdate(codes: string[]): string[] {
  const unreadable = codes.filter((code) => !/^(check_failed|foreign_key_missing) /.test(code));
  return unreadable.length > 0 ? unreadable : codes;
}

it.each<[string, (at: number) => boolean, SpecInput['csvjobs']]>([
  ['next to rows on the straight path', (at) => at !== 3 && at !== 5, {}],
  ['next to staged rows', () => true, {}],
  ['in a file that updates rows', () => true, { mode: 'update', key: 'id' }],
])('%s', { tags: ['sized'] }, async (_, isThere, csvjobs) => {
  const spec = readSpec({ csvjobs });
  const bad = BAD.filter((_each, at) => isThere(at));
  const records = [
    ...bad.map(([record]) => record),
    ...Array.from({ length: 60 }, (_each, at) => good(at)),
    ...bad.map(([record]) => record),
  ];
  for (const lanes of sized([2], [1, 2])) {
    await db.pool.query('truncate "Sales".t');
    const id = await makeTargetJob(loading, db.pool, { table: TABLE, header: HEADER, records, spec });
    await runToEnd(loading, db, id, { lanes });
    const { rows } = await db.pool.query<{
      reasons: TargetReason[];
      message: string;
      code: string;
      column_name: string;
    }>('select reasons, message, code, column_name from job_errors where job_id = $1 order by row_number', [
      id,
    ]);
    expect(rows.map(({ reasons }) => reasons.map(({ code, column }) => `${code} ${column}`))).toEqual(
      [...bad, ...bad].map(([, codes]) => (csvjobs?.mode ? beforeUpdate(codes) : codes)),
    );
    for (const { reasons, message, code, column_name } of rows) {
      expect(message).toBe(reasons.map(sentenceOf).join('; '));
      expect(`${code} ${column_name}`).toBe(`${reasons[0]!.code} ${reasons[0]!.column}`);
    }
    await expectCounters(db.pool, id, records.length, rows.length);
  }
});

it('a record with one unreadable value is not stored, in a file that updates rows', async () => {
  const spec = readSpec({ csvjobs: { mode: 'update', key: 'id' } });
  const records = [['x', '1', '1', '2', '1', '1', '{}', '1'], good(1)];
  const id = await makeTargetJob(loading, db.pool, { table: TABLE, header: HEADER, records, spec });
  await runToEnd(loading, db, id, { lanes: 1 });
  expect((await db.pool.query('select id from "Sales".t')).rows).toEqual([{ id: 101 }]);
});

it('a file of only such rows', async () => {
  const records = Array.from({ length: 50 }, () => BAD[1]![0]);
  const id = await makeTargetJob(loading, db.pool, { table: TABLE, header: HEADER, records });
  await runToEnd(loading, db, id, { lanes: 1 });
  const { rows } = await db.pool.query('select distinct message from job_errors where job_id = $1', [id]);
  expect(rows).toEqual([
    {
      message:
        'n: 1.239 has more than 2 decimals; low: the check ordered (low <= high) does not hold; p: 1, 2 is not in p.id, part (part)',
    },
  ]);
});

it('nothing is judged if a trigger may change the row first', async () => {
  await db.pool.query(`create function "Sales".f() returns trigger language plpgsql as $$ begin new.n := 1; return new; end $$;
    create trigger f before insert on "Sales".t for each row execute function "Sales".f()`);
  const id = await makeTargetJob(loading, db.pool, {
    table: TABLE,
    header: HEADER,
    records: [BAD[0]![0], good(1)],
  });
  await runToEnd(loading, db, id, { lanes: 1 });
  const { rows } = await db.pool.query('select message from job_errors where job_id = $1', [id]);
  expect(rows).toEqual([{ message: 'id: "x" is not an integer' }]);
});
