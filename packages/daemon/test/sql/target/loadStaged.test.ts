/**
 * The straight and the staged path against an oracle that inserts the same rows one by one, each in a
 * subtransaction: over tables with random columns, constraints, keys and triggers, and rows that often
 * violate them. The table and the refused rows must be equal; reasons must be of the same kind.
 */
import { randomUUID } from 'node:crypto';
import type { Target } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RowWriter } from '../../../src/rows/rowWriter.js';
import { typeRuleOf } from '../../../src/rows/typeRules.js';
import { type Client, connect } from '../../../src/sql/pool.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { type LoadPlan, planLoad } from '../../../src/sql/target/loadPlan.js';
import { loadStaged } from '../../../src/sql/target/loadStaged.js';
import { STAGE_STEP } from '../../../src/sql/target/stageStep.js';
import { copyStraight, mayGoStraight } from '../../../src/sql/target/straight.js';
import { withRefusedNulls } from '../../../src/sql/target/unfilledDomains.js';
import { applyUpsert, stageUpsert } from '../../../src/sql/target/upsert/upsert.js';
import { ON_NEWEST, ON_OLDEST, sized, sizedIf } from '../../support/form.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { TRAITS } from './traits.js';

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
  client = await connect(database.connection, 'csvjobs tests');
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

type Values = (string | null)[];
const COLUMNS = ['a', 'b', 'c', 'd'];

const NO_TEXTS = { copy: new Uint8Array(), numbered: false };

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

/** Binary rows as the reading thread makes them. */
function payload(target: Target, columns: readonly string[], rows: readonly Values[]): Buffer {
  const rules = columns.map(
    (name) => typeRuleOf({ ...target.columns.find((each) => each.name === name)!.type, domain: null })!,
  );
  const writer = new RowWriter(rules.map((rule, position) => ({ position, rule, nullable: true })));
  for (const values of rows) {
    const texts = values.map((value) => value ?? '');
    const starts = new Int32Array(texts.length);
    const ends = new Int32Array(texts.length);
    let at = 0;
    for (const [column, text] of texts.entries()) {
      starts[column] = at;
      at += Buffer.byteLength(text);
      ends[column] = at;
    }
    if (!writer.add({ bytes: Buffer.from(texts.join('')), count: texts.length, starts, ends }))
      throw new Error(`doubted: ${texts}`);
  }
  return Buffer.concat([SIGNATURE, writer.rows, Buffer.from([0xff, 0xff])]);
}

interface Outcome {
  table: unknown[];
  refused: [row: number, kind: string][];
}

const KINDS: Record<string, string> = {
  required: '23502',
  check_failed: '23514',
  foreign_key_missing: '23503',
  duplicate_in_file: '23505',
  duplicate_in_table: '23505',
  partition_missing: '23514',
  dropped_by_trigger: 'dropped',
};

/** The content of the table, without what depends on the number of sequence calls. */
async function tableRows(): Promise<unknown[]> {
  return (await client.query(`select ${COLUMNS.join(', ')} from t order by t::text`)).rows;
}

/** Like a lane: straight if possible, staged if not or if that was refused; or always staged. */
async function loaded(
  columns: readonly string[],
  batches: readonly Values[][],
  straight: boolean,
): Promise<Outcome> {
  await client.query('begin');
  const target = await withRefusedNulls(client, (await readTarget(client, { schema: 'public', name: 't' }))!);
  await client.query('commit');
  const plan = planLoad(target, columns);
  const refused: Outcome['refused'] = [];
  let first = 1;
  for (const batch of batches) {
    const rows = payload(target, columns, batch);
    if (!(straight && mayGoStraight(plan) && (await wentStraight(plan, rows, batch.length)))) {
      await client.query('begin');
      const load = await loadStaged(client, plan, { binary: rows, texts: NO_TEXTS });
      await client.query('commit');
      expect(load.inserted + load.refused.length).toBe(batch.length);
      for (const { row, reasons } of load.refused) {
        const [reason] = reasons;
        const state = reason && 'sqlstate' in reason.params ? reason.params.sqlstate : undefined;
        refused.push([first + row / STAGE_STEP - 1, state ?? KINDS[reason!.code] ?? reason!.code]);
      }
    }
    first += batch.length;
  }
  return { table: await tableRows(), refused };
}

async function wentStraight(plan: LoadPlan, rows: Uint8Array, count: number): Promise<boolean> {
  await client.query('begin');
  const went = await copyStraight(client, plan, rows, count).catch(() => false);
  await client.query(went ? 'commit' : 'rollback');
  return went;
}

async function oracle(columns: readonly string[], batches: readonly Values[][]): Promise<Outcome> {
  const refused: Outcome['refused'] = [];
  for (const [index, values] of batches.flat().entries()) {
    const places = columns.map((_, at) => `$${at + 1}`);
    try {
      const { rowCount } = await client.query(
        `insert into t (${columns.join(', ')}) values (${places.join(', ')})`,
        values,
      );
      if (rowCount === 0) refused.push([index + 1, 'dropped']);
    } catch (error) {
      refused.push([index + 1, (error as { code: string }).code]);
    }
  }
  return { table: await tableRows(), refused };
}

async function makeTable(traits: readonly string[]): Promise<void> {
  await client.query(`drop schema public cascade; create schema public; create table p (id int primary key);
    insert into p values (1), (2), (3); create table t (a int, b text, c int, d int default 7)`);
  for (const trait of traits) await client.query(TRAITS[trait]!);
}

const number = fc.option(fc.constantFrom('1', '2', '3', '4'), { freq: 6 });
const word = fc.option(fc.constantFrom('x', 'X', 'y', 'ä', 'Ä'), { freq: 6 });
const row = fc.tuple(number, word, number, number);
const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 });

async function agree(
  traits: readonly string[],
  columns: readonly string[],
  rows: readonly Values[][],
  inKind = true,
): Promise<void> {
  const cut = rows.map((batch) =>
    batch.map((values) => columns.map((name) => values[COLUMNS.indexOf(name)]!)),
  );
  await makeTable(traits);
  const expected = await oracle(columns, cut);
  const shown = ({ table, refused }: Outcome) => ({
    table,
    refused: inKind ? refused : refused.map(([at]) => at),
  });
  for (const straight of [false, true]) {
    await makeTable(traits);
    expect(shown(await loaded(columns, cut, straight))).toEqual(shown(expected));
  }
}

describe('a table with', () => {
  for (const [at, trait] of Object.keys(TRAITS).entries())
    it(trait, sizedIf(!ON_OLDEST || at % 3 === 0), async () => {
      await fc.assert(
        fc.asyncProperty(batches, (rows) => agree([trait], COLUMNS, rows)),
        { numRuns: sized(2, 12, 1), seed: 20261126 },
      );
    });

  it.each([
    ['a check of a domain', 'filled', 'a'],
    ['NOT NULL of a domain', 'domain', 'c'],
  ])('%s that refuses NULL, in a column that the file leaves out', async (_, trait, column) => {
    await agree(
      [trait],
      [column, 'b'],
      [
        [
          ['1', 'x', null, null],
          ['2', 'y', null, null],
        ],
      ],
    );
  });

  it('a reference to a row that comes later in the file: it is refused', ON_NEWEST, async () => {
    const rows: Values[] = [
      ['1', 'x', '3', '1'],
      ['2', 'y', null, '3'],
      ['3', 'x', '3', '4'],
    ];
    await agree(['self'], COLUMNS, [rows]);
    expect((await tableRows()).length).toBe(2);
  });

  it(
    'a key of some rows: a row of the table that the key does not cover is no reason to refuse another',
    ON_NEWEST,
    async () => {
      await agree(['partial'], COLUMNS, [
        [['1', 'x', '1', null]],
        [['2', 'y', '1', null]],
        [['3', 'z', '1', null]],
      ]);
      expect((await tableRows()).length).toBe(2);
    },
  );

  it('any of these together, and files with missing columns', { tags: ['sized'] }, async () => {
    const traits = fc.subarray(
      Object.keys(TRAITS).filter((trait) => trait !== 'exclude'),
      { maxLength: 4 },
    );
    const columns = fc.subarray(COLUMNS, { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(traits, columns, batches, async (drawn, files, rows) => {
        try {
          await makeTable(drawn);
        } catch {
          // Some exclude each other: two primary keys.
          return;
        }
        // A row that violates two rules is refused for either.
        await agree(drawn, files, rows, false);
      }),
      { numRuns: sized(4, 60), seed: 20261126 },
    );
  });
});

it('a trigger may give a row another key: no row is refused for the key in its file', async () => {
  const rows = (...keys: string[]): Values[] => keys.map((key, at) => [key, 'x', String(at), null]);
  // The key becomes that of c, so 1 is stored as 0 and 1.
  await agree(['rekeys'], COLUMNS, [rows('1', '1'), [['0', 'y', '2', null]], [['7', 'z', '2', null]]]);
});

/** Loads one batch of all columns, staged. Returns the parameters of the reasons for which rows were refused. */
async function refusedOf(rows: readonly Values[]): Promise<unknown[]> {
  const plan = planLoad((await readTarget(client, { schema: 'public', name: 't' }))!, COLUMNS);
  await client.query('begin');
  try {
    const { refused } = await loadStaged(client, plan, {
      binary: payload(plan.target, COLUMNS, rows),
      texts: NO_TEXTS,
    });
    return refused.flatMap(({ reasons }) => reasons.map(({ params }) => params));
  } finally {
    await client.query('commit');
  }
}

it('the key that a trigger gives to a row is named, not the one in its file', async () => {
  await makeTable(['rekeys']);
  await client.query('insert into t (a, c) values (1, 1), (5, 5)');
  expect(await refusedOf([['1', 'x', '5', null]])).toMatchObject([{ key: 'a=5' }]);
});

it(
  'an error that no row causes refuses none, also while rows are inserted one by one',
  ON_NEWEST,
  async () => {
    const rows: Values[] = [
      ['1', 'x', null, null],
      ['3', 'x', null, null],
      ['2', 'x', null, null],
    ];
    await makeTable(['raises']);
    expect(await refusedOf(rows.slice(0, 2))).toMatchObject([{ says: 'no threes' }]);
    // A deadlock, a full disk, locks, a shutdown, damaged data and others.
    for (const code of '40P01 53100 55006 55P03 57000 58030 72000 F0000 XX001 XX002'.split(' ')) {
      await client.query(`create or replace function failing() returns trigger language plpgsql as $$ begin
        if new.a = 2 then raise exception 'not of the row' using errcode = '${code}'; end if; return new; end $$;
      create or replace trigger z before insert on t for each row execute function failing()`);
      await expect(refusedOf(rows)).rejects.toMatchObject({ code });
    }
  },
);

it(
  'of several keys that a row repeats, the first one is named, wherever its batch begins',
  ON_NEWEST,
  async () => {
    const refusedFor = async (batches: readonly Values[][]) => {
      await makeTable(['primary', 'text', 'nulls']);
      await client.query(`insert into t (a, b, c) values (8, 'x', 8), (9, 'y', 9)`);
      const plan = planLoad((await readTarget(client, { schema: 'public', name: 't' }))!, COLUMNS);
      const found: unknown[] = [];
      for (const batch of batches) {
        await client.query('begin');
        const { refused } = await loadStaged(client, plan, {
          binary: payload(plan.target, COLUMNS, batch),
          texts: NO_TEXTS,
        });
        await client.query('commit');
        found.push(
          ...refused.map(({ reasons }) =>
            reasons.map(({ params }) => ('key' in params ? params.key : params)),
          ),
        );
      }
      return found;
    };
    const rows: Values[] = [
      ['1', 'X', '1', null],
      // The first record has its a, and the table its b; and so with c.
      ['1', 'x', '2', null],
      ['1', 'Y', '8', null],
      ['2', 'X', '9', null],
      ['3', 'y', '8', null],
    ];
    const keys = [['a=1'], ['a=1'], ['b=X'], ['b=y']];
    expect(await refusedFor([rows])).toEqual(keys);
    expect(await refusedFor(rows.map((row) => [row]))).toEqual(keys);
  },
);

it('a key whose NULLs are equal: a repeated NULL is shown like another value', ON_NEWEST, async () => {
  await makeTable([]);
  await client.query(`alter table t add unique nulls not distinct (b, c); insert into t (b) values ('x')`);
  const plan = planLoad((await readTarget(client, { schema: 'public', name: 't' }))!, ['b', 'c']);
  await client.query('begin');
  const { refused } = await loadStaged(client, plan, {
    binary: payload(
      plan.target,
      ['b', 'c'],
      [
        ['x', null],
        ['y', null],
        ['y', null],
      ],
    ),
    texts: NO_TEXTS,
  });
  await client.query('commit');
  expect(refused.map(({ row, reasons }) => [row / STAGE_STEP, reasons[0]!.params])).toMatchObject([
    [1, { key: 'b=x, c=NULL' }],
    [3, { key: 'b=y, c=NULL' }],
  ]);
});

it.each([
  ['at once', [], [1, 2, 4, 3]],
  ['one by one', ['raises'], [1, 2, 4]],
  ['at once, and known ones are skipped', ['primary'], [1, 2, 4, 3]],
])('rows are inserted in file order, also those that are read as texts: %s', async (_, traits, expected) => {
  await makeTable(traits);
  await client.query('alter table t add id serial');
  const plan = planLoad((await readTarget(client, { schema: 'public', name: 't' }))!, ['a', 'b']);
  await client.query('begin');
  const rows = {
    binary: payload(
      plan.target,
      ['a', 'b'],
      [
        ['1', 'x'],
        ['4', 'x'],
        ['3', 'x'],
      ],
    ),
    texts: { copy: Buffer.from(`${STAGE_STEP + 1}\t2\ty\n`), numbered: true },
  };
  const [key] = plan.target.keys;
  if (key) {
    const conflict = {
      onConflict: 'skip',
      updateOnly: false,
      key,
      undoKey: ['a'],
      sets: [],
      kept: [],
    } as const;
    await stageUpsert(client, { ...plan, conflict }, rows);
    await applyUpsert(client, { ...plan, conflict }, randomUUID(), { rows: 4, mayRepeat: false });
  } else await loadStaged(client, plan, rows);
  await client.query('commit');
  const { rows: stored } = await client.query('select a from t order by id');
  expect(stored.map(({ a }) => a)).toEqual(expected);
});
