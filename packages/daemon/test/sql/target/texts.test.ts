/** Rows that only PostgreSQL can read: stored as by COPY, whatever the other rows of their batch are. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, connect } from '../../../src/sql/pool.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { planLoad } from '../../../src/sql/target/loadPlan.js';
import { loadStaged } from '../../../src/sql/target/loadStaged.js';
import { STAGE_STEP } from '../../../src/sql/target/stageStep.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createDatabase();
  client = await connect(database.connection, 'csvjobs tests');
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** Loads lines of (id, value) into a table with a value column of a type. */
async function load(type: string, lines: string, numbered = false, rejected = '') {
  await database.plain(`drop table if exists t; create table t (id int primary key, value ${type})`);
  const plan = planLoad((await readTarget(database.pool, { schema: 'public', name: 't' }))!, ['id', 'value']);
  await client.query('begin');
  const { inserted, refused, more } = await loadStaged(client, plan, {
    binary: new Uint8Array(),
    texts: { copy: Buffer.from(lines), numbered },
    rejected: Buffer.from(rejected),
  });
  await client.query('commit');
  const { rows } = await database.plain('select id, value::text from t order by id');
  return { inserted, refused, more, stored: rows.map(({ value }) => value) };
}

test.each([
  ['interval day', '5', '5 days'],
  ['interval year to month', '5', '5 mons'],
  ['interval minute', '7', '00:07:00'],
  ['interval(0)', '1 day', '1 day'],
  ['bit varying(4)', '0101', '0101'],
  ['json', ' {"a": 1} ', ' {"a": 1} '],
])(
  '%s: a text is read with the modifier of its column, next to a row that is refused',
  async (type, text, stored) => {
    const { inserted, refused, ...found } = await load(type, `1\t${text}\n2\tjunk!\n3\t\\N\n`);
    expect(found.stored).toEqual([stored, null]);
    expect({ inserted, refused }).toMatchObject({
      inserted: 2,
      refused: [{ row: 2 * STAGE_STEP, reasons: [{ code: 'invalid_value', column: 'value' }] }],
    });
  },
);

test('numbered rows keep their numbers', async () => {
  const lines = `${STAGE_STEP + 2}\t1\tx\n${STAGE_STEP + 3}\t2\t5\n${2 * STAGE_STEP + 4}\t3\ty\n`;
  const { refused, stored } = await load('interval day', lines, true);
  expect(refused.map(({ row }) => row)).toEqual([STAGE_STEP + 2, 2 * STAGE_STEP + 4]);
  expect(stored).toEqual(['5 days']);
});

test('a type whose input fails with an internal error refuses only that value', async () => {
  await database.plain(`
    create function picky(value text) returns boolean language plpgsql immutable as
      $$ begin if value = 'bad' then raise exception 'cannot read it' using errcode = 'XX000'; end if; return true; end $$;
    create domain picky as text check (picky(value))`);
  const { inserted, refused, stored } = await load('picky', '1\tgood\n2\tbad\n3\talso good\n');
  expect(stored).toEqual(['good', 'also good']);
  expect(inserted).toBe(2);
  expect(refused).toMatchObject([
    {
      row: 2 * STAGE_STEP,
      reasons: [{ column: 'value', params: { sqlstate: 'XX000', says: 'cannot read it' } }],
    },
  ]);
});

test('all values of a row are read one by one, also those of a row type', async () => {
  await database.plain('create type picked as (n int, word picky)');
  const { refused, stored } = await load('picked', '1\t(1,good)\nx\t(2,bad)\n3\t(3,good)\n');
  expect(stored).toEqual(['(1,good)', '(3,good)']);
  expect(refused.map(({ reasons }) => reasons.map(({ column }) => column))).toEqual([['id', 'value']]);
});

test('a row of NULLs is a value, which NOT NULL accepts', async () => {
  await database.plain('create type pair as (n int, t text)');
  const { inserted, refused, stored } = await load('pair not null', '1\t(,)\n2\t\\N\n');
  expect(stored).toEqual(['(,)']);
  expect({ inserted, refused }).toEqual({
    inserted: 1,
    refused: [{ row: 2 * STAGE_STEP, reasons: [{ code: 'required', column: 'value', params: {} }] }],
  });
});

test('NULL in a column whose domain is NOT NULL is a missing value', async () => {
  await database.plain('create domain filled as text not null');
  const { refused } = await load('filled', '1\t\\N\n2\tx\n');
  expect(refused).toEqual([
    { row: STAGE_STEP, reasons: [{ code: 'required', column: 'value', params: {} }] },
  ]);
});

test('a check of the whole row is left to the insert, and hides no other fault', async () => {
  const { refused } = await load(
    "text check (value <> 'x'), check (t is not null), check (id > 0 and length(value) > 1)",
    '1\tx\n2\tyes\n3\t\\N\n',
  );
  const shown = refused.map(({ row, reasons }) => [
    row / STAGE_STEP,
    ...reasons.map(({ params }) => 'expression' in params && params.expression),
  ]);
  expect(shown).toEqual([
    [1, 'id > 0 AND length(value) > 1', "value <> 'x'::text"],
    [3, expect.stringContaining('IS NOT NULL')],
  ]);
});

test('a value that its domain cannot read names no check of the domain', async () => {
  await database.plain("create domain pause as interval constraint positive check (value > '0')");
  const { refused } = await load('pause', '1\tsoon\n2\t-1 day\n');
  const shown = refused.map(({ reasons }) =>
    reasons.map(({ params }) => 'constraint' in params && params.constraint),
  );
  expect(shown).toEqual([[null], ['positive']]);
});

test('a foreign key to a table of the same name in another schema is checked with all other rules', async () => {
  await database.plain(
    'drop schema if exists other cascade; create schema other; create table other.t (id int primary key)',
  );
  const { refused } = await load('int check (value < 5) references other.t', '1\t7\n');
  expect(refused.map(({ reasons }) => reasons.map(({ code }) => code))).toEqual([
    ['check_failed', 'foreign_key_missing'],
  ]);
});

test('a rejected record has the faults of its other values, and no value is missing that is only unreadable', async () => {
  const { more, refused, stored } = await load(
    'interval not null',
    '1\t5\n',
    false,
    `-${STAGE_STEP}\t\\N\tsoon\t{0}\n`,
  );
  expect({ refused, stored }).toEqual({ refused: [], stored: ['00:00:05'] });
  expect(more).toMatchObject([{ row: -STAGE_STEP, reasons: [{ code: 'invalid_value', column: 'value' }] }]);
  expect(more[0]!.reasons).toHaveLength(1);
});

test('an error that no value causes refuses none, even after one that a value has caused', async () => {
  await database.plain(`
    create function fails(value text) returns boolean language plpgsql immutable as $$ begin
      if value = 'bad' then raise exception 'cannot read it' using errcode = 'XX000'; end if;
      if value = 'full' then raise exception 'no space left' using errcode = '53100'; end if;
      return true; end $$;
    create domain failing as text check (fails(value))`);
  await expect(load('failing', '1\tbad\n2\tfull\n')).rejects.toMatchObject({ code: '53100' });
  await client.query('rollback');
});
