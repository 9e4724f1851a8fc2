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
async function load(type: string, lines: string, numbered = false) {
  await database.plain(`drop table if exists t; create table t (id int primary key, value ${type})`);
  const plan = planLoad((await readTarget(database.pool, { schema: 'public', name: 't' }))!, ['id', 'value']);
  await client.query('begin');
  const { inserted, refused } = await loadStaged(client, plan, {
    binary: new Uint8Array(),
    texts: { copy: Buffer.from(lines), numbered },
  });
  await client.query('commit');
  const { rows } = await database.plain('select id, value::text from t order by id');
  return { inserted, refused, stored: rows.map(({ value }) => value) };
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
