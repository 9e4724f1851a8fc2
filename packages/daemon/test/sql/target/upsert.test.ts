/**
 * Skipped or updated rows against an oracle that applies the same records one by one, with a statement each:
 * over tables with random keys, constraints and triggers, and files with repeated keys and many empty fields.
 * The table, the written rows, what triggers have seen, the counts and the refused rows must be equal.
 */
import type { Target } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../../src/sql/pool.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { defaultOf, planLoad } from '../../../src/sql/target/loadPlan.js';
import { STAGE_STEP } from '../../../src/sql/target/stageStep.js';
import type { UpsertPlan } from '../../../src/sql/target/upsert/statements.js';
import { applyUpsert, beginUpsert, endUpsert, stageUpsert } from '../../../src/sql/target/upsert/upsert.js';
import { add, type Upserted } from '../../../src/sql/target/upsert/upserted.js';
import { inShortIf, ON_NEWEST, ON_OLDEST, sized, sizedIf } from '../../support/form.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

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
const COLUMNS = ['k', 'l', 'b', 'c'];
const JOB = '00000000-0000-7000-8000-000000000000';

interface Mode {
  onConflict: 'skip' | 'update';
  updateOnly: boolean;
  /** Columns whose empty fields keep the row's value. */
  keeps: readonly string[];
}

interface Outcome {
  table: unknown[];
  /** The written rows, by their keys. */
  written: unknown[];
  /** What triggers have seen, in order. */
  seen: unknown[];
  counts: Record<'inserted' | 'updated' | 'unchanged' | 'skipped', number>;
  refused: [row: number, kind: string][];
}

const KINDS: Record<string, string> = {
  required: '23502',
  check_failed: '23514',
  foreign_key_missing: '23503',
  duplicate_in_table: '23505',
  partition_missing: '23514',
  dropped_by_trigger: 'dropped',
  not_in_table: 'unknown',
};

/** COPY lines, each value as a text. */
function textsOf(batch: readonly Values[]): Uint8Array {
  return Buffer.from(batch.map((row) => `${row.map((value) => value ?? '\\N').join('\t')}\n`).join(''));
}

async function outcome(
  counts: Outcome['counts'],
  refused: Outcome['refused'],
  before: readonly { row: string; xmin: string }[],
): Promise<Outcome> {
  const rows = async (query: string) => (await client.query(query)).rows;
  const now = await rows('select t::text as row, xmin::text from t');
  const same = new Set(before.map(({ row, xmin }) => `${row} ${xmin}`));
  return {
    table: await rows(`select k, l, b, c, late from t order by t::text`),
    written: now
      .filter(({ row, xmin }) => !same.has(`${row} ${xmin}`))
      .map(({ row }) => row)
      .sort(),
    seen: await rows('select what from seen order by id'),
    counts,
    refused,
  };
}

async function versions(): Promise<{ row: string; xmin: string }[]> {
  return (await client.query('select t::text as row, xmin::text from t')).rows;
}

function planFor(target: Target, key: string, columns: readonly string[], mode: Mode): UpsertPlan {
  const plan = planLoad(target, columns);
  const found = target.keys.find(({ name }) => name === key)!;
  return {
    ...plan,
    conflict: {
      ...{ onConflict: mode.onConflict, updateOnly: mode.updateOnly, key: found, undoKey: found.columns },
      sets: plan.columns.filter(({ name }) => !found.columns.includes(name)),
      kept: mode.keeps.map((column) => ({ column, expression: defaultOf(target, column) })),
    },
  };
}

/** Like the reading thread, which ignores expressions. */
function repeatsKey(
  { conflict: { key } }: UpsertPlan,
  columns: readonly string[],
  batch: readonly Values[],
): boolean {
  if (key.parts.some(({ column }) => column === null)) return true;
  const places = key.columns.map((name) => columns.indexOf(name));
  return new Set(batch.map((row) => places.map((at) => row[at]).join())).size < batch.length;
}

/** Rows that may be applied early are applied before the batch's turn. */
async function appliedEarly(plan: UpsertPlan, rows: number): Promise<Upserted> {
  const { applied, left } = await beginUpsert(client, plan, JOB, rows);
  if (left) add(applied, await endUpsert(client, plan, JOB, { rows, mayRepeat: false }, left));
  return applied;
}

/** Like a lane. */
async function applied(
  key: string,
  columns: readonly string[],
  batches: readonly Values[][],
  mode: Mode,
): Promise<Outcome> {
  const target = (await readTarget(client, { schema: 'public', name: 't' }))!;
  const plan = planFor(target, key, columns, mode);
  const before = await versions();
  const counts = { inserted: 0, updated: 0, unchanged: 0, skipped: 0 };
  const refused: Outcome['refused'] = [];
  let first = 1;
  // All batches of an atomic job are one transaction.
  const atomic = batches.length === 2;
  if (atomic) await client.query('begin');
  for (const batch of batches) {
    if (!atomic) await client.query('begin');
    const texts = { copy: textsOf(batch), numbered: false };
    const unread = await stageUpsert(client, plan, { binary: new Uint8Array(), texts });
    const rows = batch.length - unread.refused.length;
    const { refused: late, ...more } = repeatsKey(plan, columns, batch)
      ? await applyUpsert(client, plan, JOB, { rows, mayRepeat: true })
      : await appliedEarly(plan, rows);
    if (!atomic) await client.query('commit');
    for (const [name, count] of Object.entries(more)) counts[name as keyof typeof counts] += count;
    for (const { row, reasons } of [...unread.refused, ...late].sort((a, b) => a.row - b.row)) {
      const [reason] = reasons;
      const state = reason && 'sqlstate' in reason.params ? reason.params.sqlstate : undefined;
      refused.push([first + row / STAGE_STEP - 1, state ?? KINDS[reason!.code] ?? reason!.code]);
    }
    first += batch.length;
  }
  if (atomic) await client.query('commit');
  const { rows: kept } = await client.query('select unnest(before) from job_journal');
  expect(kept).toHaveLength(counts.updated);
  return outcome(counts, refused, before);
}

/** Looks up each record by its key, and writes it where needed. */
async function oracle(
  key: string,
  columns: readonly string[],
  batches: readonly Values[][],
  { onConflict, updateOnly, keeps }: Mode,
): Promise<Outcome> {
  const target = (await readTarget(client, { schema: 'public', name: 't' }))!;
  const { parts, columns: keyColumns, nullsNotDistinct } = target.keys.find(({ name }) => name === key)!;
  const typed = columns.map((name, at) => {
    const { type } = target.columns.find((column) => column.name === name)!;
    return `$${at + 1}::text::${type.base} as ${name}`;
  });
  const readings = columns.map((name, at) => {
    const { type } = target.columns.find((column) => column.name === name)!;
    return `$${at + 1}::text::${type.sql}`;
  });
  const equals = nullsNotDistinct ? 'is not distinct from' : '=';
  const same = parts.map(({ expression }, at) => `(${expression}) ${equals} v.k${at}`).join(' and ');
  const values = `(select ${parts.map(({ expression }, at) => `(${expression}) as k${at}`).join(', ')} from (select ${typed.join(', ')}) i) v`;
  const before = await versions();
  const counts = { inserted: 0, updated: 0, unchanged: 0, skipped: 0 };
  const refused: Outcome['refused'] = [];
  for (const [index, record] of batches.flat().entries()) {
    const refuse = (why: string) => refused.push([index + 1, why]);
    try {
      // A value that its type rejects is refused whatever the table has.
      await client.query(`select ${readings.join(', ')}`, record);
      const { rows } = await client.query(
        `select t.tableoid, t.ctid, t.* from t, ${values} where ${same}`,
        record,
      );
      if (rows.length === 0) {
        if (updateOnly) {
          refuse('unknown');
          continue;
        }
        const given = columns.flatMap((name, at) =>
          record[at] === null && keeps.includes(name) ? [] : [at],
        );
        const { rowCount } = await client.query(
          `insert into t (${given.map((at) => columns[at]).join(', ')}) values (${given.map((_, at) => `$${at + 1}`).join(', ')})`,
          given.map((at) => record[at]),
        );
        if (rowCount === 0) refuse('dropped');
        else counts.inserted++;
        continue;
      }
      if (onConflict === 'skip') {
        counts.skipped++;
        continue;
      }
      const set = columns.flatMap((name, at) => {
        if (keyColumns.includes(name) || (record[at] === null && keeps.includes(name))) return [];
        return String(rows[0][name] ?? '\\N') === (record[at] ?? '\\N') ? [] : [at];
      });
      if (set.length === 0) {
        counts.unchanged++;
        continue;
      }
      const { rowCount } = await client.query(
        `update t set ${set.map((at, place) => `${columns[at]} = $${place + 3}`).join(', ')} where (tableoid, ctid) = ($1, $2)`,
        [rows[0].tableoid, rows[0].ctid, ...set.map((at) => record[at])],
      );
      if (rowCount === 0) refuse('dropped');
      else counts.updated++;
    } catch (error) {
      refuse((error as { code: string }).code);
    }
  }
  return outcome(counts, refused, before);
}

const NUMBERS = `create sequence numbers`;
/** What a table may have. */
const TRAITS: Record<string, string> = {
  notNull: 'alter table t alter b set not null',
  check: 'alter table t add check (c < 4)',
  checkTwo: `alter table t add check (k <> c or b <> 'x')`,
  checkNull: `alter table t add check ((b is null) = (c is null) or l > 1)`,
  foreign: 'alter table t add foreign key (c) references p (id)',
  foreignLate: 'alter table t add foreign key (c) references p (id) deferrable initially deferred',
  self: 'alter table t add foreign key (c) references t (k)',
  otherKey: 'alter table t add unique (c)',
  foldedKey: 'create unique index on t (lower(b))',
  partialKey: 'create unique index on t (c) where l > 1',
  generated: `alter table t add g text generated always as (b || c) stored; alter table t add unique (g)`,
  exclude: `create extension if not exists btree_gist; alter table t add exclude using gist (c with =)`,
  domain: 'create domain small as int check (value < 4); alter table t alter c type small',
  default: `alter table t alter b set default 'new', alter c set default 3`,
  audit: trigger(
    'after',
    'insert or update',
    `insert into seen (what) values (tg_op || coalesce(new.k::text, '-') || coalesce(new.b, '-')); return null`,
  ),
  raises: trigger('before', 'update', `if new.c = 3 then raise exception 'no threes'; end if; return new`),
  drops: trigger('before', 'update', `if new.b = 'x' then return null; end if; return new`),
  dropsNew: trigger('before', 'insert', `if new.b in ('x', 'd') then return null; end if; return new`),
  changes: trigger('before', 'insert or update', `new.b := upper(new.b); return new`),
  touches: trigger('after', 'insert', `update t set c = 1 where c = 2 and k <> new.k; return null`),
  eachStatement: `create function f_s() returns trigger language plpgsql as $$ begin insert into seen (what) values (tg_op); return null; end $$;
    create trigger t_s after insert or update on t for each statement execute function f_s()`,
};

/** What only some files show. */
const OTHERS: Record<string, string> = {
  numbered: `alter table t alter late set default nextval('numbers')`,
  ofPartition: 'create unique index on t2 (c)',
  touchesLater: trigger('after', 'update', `update t set c = 1 where c = 2 and k <> new.k; return null`),
  alsoTouches: 'create rule also as on insert to t do also update t set c = 1 where c = 2 and k <> new.k',
};

function trigger(when: string, events: string, body: string): string {
  const name = `${when}_${body.length}`;
  return `create function f_${name}() returns trigger language plpgsql as $$ begin ${body}; end $$;
    create trigger t_${name} ${when} ${events} on t for each row execute function f_${name}()`;
}

/** Keys for finding rows; their index is named `found`. */
const KEYS: Record<string, string> = {
  plain: 'alter table t add constraint found unique (k)',
  primary: 'alter table t add constraint found primary key (k)',
  two: 'alter table t add constraint found unique (k, l)',
  nulls: 'alter table t add constraint found unique nulls not distinct (k)',
  twoNulls: 'alter table t add constraint found unique nulls not distinct (k, l)',
  expression: 'create unique index found on t ((k % 3))',
  failing: 'create unique index found on t ((6 / k))',
};

async function makeTable(key: string, traits: readonly string[], partitioned = false): Promise<void> {
  // After a failure.
  await client.query('rollback');
  await client.query(`drop schema public cascade; create schema public; ${NUMBERS}; create table p (id int primary key);
    insert into p values (1), (2), (3); create table seen (id bigserial primary key, what text);
    create table job_journal (entry bigserial, job_id uuid, was bigint[], key_columns text[], before text[]);
    create table t (k int, l int, b text, c int, late int default 7) ${partitioned ? 'partition by range (k)' : ''};
    ${partitioned ? 'create table t1 partition of t for values from (minvalue) to (3); create table t2 partition of t default' : ''}`);
  await client.query(KEYS[key]!);
  for (const trait of traits) await client.query(TRAITS[trait] ?? OTHERS[trait]!);
  for (const row of [
    `(1, 1, 'a', 1, 1)`,
    `(2, 1, null, 2, 2)`,
    `(null, 2, 'c', null, 3)`,
    `(4, 2, 'd', 3, 4)`,
  ])
    await client.query(`insert into t (k, l, b, c, late) values ${row}`).catch(() => {});
}

const number = fc.option(fc.constantFrom('1', '2', '3', '4', '5'), { freq: 5 });
const word = fc.option(fc.constantFrom('x', 'a', 'A', 'd'), { freq: 4 });
const row = fc.tuple(number, fc.option(fc.constantFrom('1', '2'), { freq: 6 }), word, number);
const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 });
const mode: fc.Arbitrary<Mode> = fc.oneof(
  fc.constant({ onConflict: 'skip' as const, updateOnly: false, keeps: [] }),
  fc.record({
    onConflict: fc.constant('update' as const),
    updateOnly: fc.boolean(),
    keeps: fc.subarray(['b', 'c']),
  }),
);

async function agree(
  { key, traits, partitioned = false }: { key: string; traits: readonly string[]; partitioned?: boolean },
  columns: readonly string[],
  rows: readonly Values[][],
  how: Mode,
  inKind = true,
): Promise<void> {
  const cut = rows.map((batch) =>
    batch.map((values) => columns.map((name) => values[COLUMNS.indexOf(name)]!)),
  );
  const known = { ...how, keeps: how.keeps.filter((name) => columns.includes(name)) };
  await makeTable(key, traits, partitioned);
  const expected = await oracle('found', columns, cut, known);
  await makeTable(key, traits, partitioned);
  const found = await applied('found', columns, cut, known);
  const shown = ({ refused, ...rest }: Outcome) => ({
    ...rest,
    refused: inKind ? refused : refused.map(([at]) => at),
  });
  expect(shown(found)).toEqual(shown(expected));
}

/** In the short form, in the long one, and on the oldest PostgreSQL. */
const runs = (short: number, long: number) => ({ numRuns: sized(short, long, 1), seed: 20261126 });

describe('a table found by', () => {
  for (const [at, key] of Object.keys(KEYS).entries())
    it(`a key that is ${key}`, sizedIf(!ON_OLDEST || at % 3 === 0), async () => {
      await fc.assert(
        fc.asyncProperty(batches, mode, (rows, how) => agree({ key, traits: [] }, COLUMNS, rows, how)),
        runs(2, 16),
      );
    });

  it('a key whose expression fails for a value', ON_NEWEST, async () => {
    const rows: Values[] = [
      ['1', '1', 'q', '1'],
      ['0', '1', 'q', '1'],
      ['1', '2', 'r', null],
      ['5', '1', 'q', '1'],
    ];
    for (const onConflict of ['update', 'skip'] as const)
      await agree({ key: 'failing', traits: [] }, COLUMNS, [rows], {
        onConflict,
        updateOnly: false,
        keeps: [],
      });
  });

  it('all columns of a file, next to new rows and repeated ones', ON_NEWEST, async () => {
    const rows: Values[] = [
      ['1', '1', null, null],
      ['5', '1', null, null],
      ['5', '1', null, null],
    ];
    const how: Mode = { onConflict: 'update', updateOnly: false, keeps: [] };
    for (const traits of [[], ['audit']])
      await agree({ key: 'two', traits }, ['k', 'l'], [rows.slice(0, 2), rows], how);
  });

  it.each(['plain', 'failing'])(
    'a key that is %s, of rows whose order on the stage is not that of the file',
    async (key) => {
      await makeTable(key, []);
      const target = (await readTarget(client, { schema: 'public', name: 't' }))!;
      const plan = planFor(target, 'found', ['k', 'b'], {
        onConflict: 'update',
        updateOnly: false,
        keeps: [],
      });
      await client.query('begin');
      const copy = Buffer.from(`${2 * STAGE_STEP}\t1\tlast\n${STAGE_STEP}\t1\tfirst\n`);
      await stageUpsert(client, plan, { binary: new Uint8Array(), texts: { copy, numbered: true } });
      await applyUpsert(client, plan, JOB, { rows: 2, mayRepeat: true });
      await client.query('commit');
      expect((await client.query('select b from t where k = 1')).rows).toEqual([{ b: 'last' }]);
    },
  );

  it('a key of all partitions', { tags: ['sized'] }, async () => {
    await fc.assert(
      fc.asyncProperty(batches, mode, (rows, how) =>
        agree({ key: 'two', traits: [], partitioned: true }, COLUMNS, rows, how),
      ),
      runs(2, 16),
    );
  });
});

describe('a table with', () => {
  for (const [at, trait] of Object.keys(TRAITS).entries())
    it(trait, sizedIf(!ON_OLDEST || at % 3 === 0), async () => {
      await fc.assert(
        fc.asyncProperty(batches, mode, (rows, how) =>
          agree({ key: 'plain', traits: [trait] }, COLUMNS, rows, how),
        ),
        runs(1, 12),
      );
    });

  it('an update that it refuses, next to known and unknown rows, in a file that only updates', async () => {
    const rows: Values[] = [
      ['1', '1', 'q', '5'],
      ['2', '1', 'q', '2'],
      ['5', '1', 'q', '1'],
    ];
    const how: Mode = { onConflict: 'update', updateOnly: true, keeps: [] };
    await agree({ key: 'plain', traits: ['check'] }, COLUMNS, [rows], how);
  });

  it.each(['touches', 'touchesLater', 'alsoTouches'])(
    '%s: a known row that an earlier one changes',
    async (trait) => {
      const rows: Values[] = [
        [trait === 'touchesLater' ? '1' : '5', '1', 'q', '3'],
        ['2', '1', null, '2'],
      ];
      const how: Mode = { onConflict: 'update', updateOnly: false, keeps: [] };
      await agree({ key: 'plain', traits: [trait] }, COLUMNS, [rows], how);
    },
  );

  it.each([['foreignLate', 'audit'], ['foreignLate']])(
    'another key, and %s: rows that wait for their turn',
    async (...traits) => {
      const rows: Values[] = [
        ['1', '1', 'q', '1'],
        ['2', '1', 'q', '5'],
        ['5', '1', 'q', '4'],
        ['4', '1', 'q', null],
      ];
      const how: Mode = { onConflict: 'update', updateOnly: false, keeps: [] };
      const same: Values[] = [['1', '1', 'a', '1']];
      for (const batches of [
        [rows, rows],
        [same, same],
      ])
        await agree({ key: 'plain', traits: ['otherKey', ...traits] }, COLUMNS, batches, how);
    },
  );

  const CASES: [what: string, rows: Values[]][] = [
    [
      'is still taken when the first one wants it',
      [
        ['5', '1', 'q', '1'],
        ['1', '1', 'q', '4'],
      ],
    ],
    [
      'is taken by the first one',
      [
        ['1', '1', 'q', '4'],
        ['5', '1', 'q', '4'],
      ],
    ],
    [
      'is free for the second one',
      [
        ['1', '1', 'q', '4'],
        ['5', '1', 'q', '1'],
      ],
    ],
  ];
  for (const [what, rows] of CASES)
    it(
      `another key, whose value ${what} of two rows`,
      inShortIf(!what.startsWith('is taken') && !ON_OLDEST),
      async () => {
        const how: Mode = { onConflict: 'update', updateOnly: false, keeps: [] };
        for (const trait of ['otherKey', 'exclude'])
          await agree({ key: 'plain', traits: [trait] }, COLUMNS, [rows], how);
      },
    );

  for (const trait of ['generated', 'foldedKey'])
    it(
      `another key that is ${trait}, whose value is still taken when a row wants it`,
      inShortIf(trait === 'generated' && !ON_OLDEST),
      async () => {
        const rows: Values[] = [
          ['5', '1', 'a', '1'],
          ['1', '1', 'q', '1'],
        ];
        const how: Mode = { onConflict: 'update', updateOnly: false, keeps: [] };
        await agree({ key: 'plain', traits: [trait] }, COLUMNS, [rows], how);
      },
    );

  it('a key of one partition only, whose value is still taken when a row wants it', ON_NEWEST, async () => {
    const rows: Values[] = [
      ['5', '1', 'q', '3'],
      ['4', '2', 'd', '1'],
    ];
    const how: Mode = { onConflict: 'update', updateOnly: false, keeps: [] };
    await agree({ key: 'two', traits: ['ofPartition'], partitioned: true }, COLUMNS, [rows], how);
  });

  it('no other rule: rows that differ, are equal, and are new', ON_NEWEST, async () => {
    const rows: Values[] = [
      ['1', '1', 'q', '1'],
      ['4', '2', 'd', '3'],
      ['2', '1', null, null],
      ['5', '1', 'q', '4'],
    ];
    for (const onConflict of ['update', 'skip'] as const)
      await agree({ key: 'plain', traits: [] }, COLUMNS, [rows, rows], {
        onConflict,
        updateOnly: false,
        keeps: [],
      });
  });

  it(
    'no other rule, and empty fields: known rows keep their values, new ones get the DEFAULT',
    ON_NEWEST,
    async () => {
      const rows: Values[] = [
        ['4', '2', null, '3'],
        ['1', '1', null, '2'],
        ['2', '1', null, null],
        ['5', '1', null, null],
      ];
      const how: Mode = { onConflict: 'update', updateOnly: false, keeps: ['b', 'c'] };
      for (const traits of [['default'], ['default', 'audit']])
        await agree({ key: 'plain', traits }, COLUMNS, [rows, rows], how);
    },
  );

  it('a number for each new row, next to repeated ones: in the order of the file', ON_NEWEST, async () => {
    const rows = ['5', '6', '5', '7', '1'].map((k): Values => [k, '1', 'q', '1']);
    const how: Mode = { onConflict: 'update', updateOnly: false, keeps: [] };
    await agree({ key: 'plain', traits: ['numbered'] }, COLUMNS, [rows], how);
  });

  it('unknown rows that are found one by one, in a file that only updates', ON_NEWEST, async () => {
    const rows: Values[] = [
      ['5', '1', 'q', '1'],
      ['1', '1', 'q', '1'],
      ['5', '1', 'q', '1'],
    ];
    const how: Mode = { onConflict: 'update', updateOnly: true, keeps: [] };
    for (const traits of [[], ['audit']]) await agree({ key: 'plain', traits }, COLUMNS, [rows], how);
  });

  it('an update that it refuses, next to rows that keep a value and new ones that get its DEFAULT', async () => {
    const rows: Values[] = [
      ['1', '1', null, '5'],
      ['4', '2', null, '1'],
      ['5', '1', null, '1'],
    ];
    const how: Mode = { onConflict: 'update', updateOnly: false, keeps: ['b'] };
    await agree({ key: 'plain', traits: ['check', 'default'] }, COLUMNS, [rows], how);
  });

  it('any of these together, any key, and files with missing columns', { tags: ['sized'] }, async () => {
    const traits = fc.subarray(Object.keys(TRAITS), { maxLength: 3 });
    const columns = fc.subarray(COLUMNS.slice(2)).map((some) => ['k', 'l', ...some]);
    const key = fc.constantFrom(...Object.keys(KEYS));
    await fc.assert(
      fc.asyncProperty(key, traits, columns, batches, mode, async (name, drawn, files, rows, how) => {
        try {
          await makeTable(name, drawn);
        } catch {
          // Some exclude each other.
          return;
        }
        // A row that violates two rules is refused for either.
        await agree({ key: name, traits: drawn }, files, rows, how, false);
      }),
      runs(5, 60),
    );
  });
});
