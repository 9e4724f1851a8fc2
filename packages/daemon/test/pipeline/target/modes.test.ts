/**
 * Files whose records are partly in the table, loaded by `run` in several lanes and attempts, and record by
 * record: the same rows, the same untouched rows, the same rejects, the same counts.
 */
import { fillableTarget, type Spec } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { Fields } from '../../../src/pipeline/parse/fields.js';
import { run } from '../../../src/pipeline/run.js';
import { rowPlan } from '../../../src/rows/rowPlan.js';
import { createRowReader } from '../../../src/rows/rowReader.js';
import { claimJob } from '../../../src/sql/claimJob.js';
import { findJob } from '../../../src/sql/jobs.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { inShortIf, ON_OLDEST, sized, sizedIf } from '../../support/form.js';
import { never } from '../support/loading.js';
import { openTestLoad } from '../support/testLoad.js';
import { makeTargetJob, randomOf, rejected, runToEnd, type TargetFile } from './support.js';

const { loading, db: database } = await openTestLoad();

const RECORDS = sized(70, 100);
/** After this part of them a load is stopped, or its attempt fails. */
const after = (share: number) => Math.round(RECORDS * share);
const TABLE = { schema: 'public', name: 't' };

interface Kind {
  /** Creates the table t; its rows exist before the load. */
  sql: string;
  columns: Record<string, readonly string[]>;
}

const ids = Array.from({ length: 120 }, (_, at) => String(at));
const FILL = `insert into t (k, n, b) select i, i % 5, 'b' || i % 3 from generate_series(0, 79) i;`;

/** Columns and variables in csvjobs' statements: a table may have columns with these names. */
const OWN_NAMES = (
  'csvjobs_row csvjobs_k0 csvjobs_c0 csvjobs_row_number csvjobs_unreadable csvjobs_was csvjobs_before csvjobs_at csvjobs_one ' +
  'csvjobs_changed csvjobs_found csvjobs_went csvjobs_entry csvjobs_tries csvjobs_staged csvjobs_state csvjobs_look s t found row'
).split(' ');

const KINDS: Record<string, Kind> = {
  'one key': {
    sql: `create table t (k int primary key, n numeric, b text check (b <> 'bad'), made timestamptz default now()); ${FILL}`,
    columns: { k: [...ids, 'x', ''], n: ['0', '1', '2.0', '', 'x'], b: ['b0', 'b1', '', 'bad'] },
  },
  'a trigger that sees rows': {
    sql: `create table seen (id bigserial, k int, what text); create table t (k int primary key, n numeric, b text);
      ${FILL} create function f() returns trigger language plpgsql as $$ begin insert into seen (k, what) values (new.k, tg_op);
        if new.n = 2 then raise exception 'no twos'; end if; return new; end $$;
      create trigger t before insert or update on t for each row execute function f()`,
    columns: { k: ids, n: ['0', '1', '2', ''], b: ['b0', 'b1', 'b2', ''] },
  },
  'two keys and a reference': {
    sql: `create table p (id int primary key); insert into p values (0), (1), (2); create table t (k int primary key, n int references p, b text unique);
      insert into t select i, i % 3, 'b' || i from generate_series(0, 79) i`,
    columns: { k: ids, n: ['0', '1', '2', '3', ''], b: [...ids.map((id) => `b${id}`), ''] },
  },
  'a key by expression': {
    sql: `create table t (k text, n int, b text not null default 'none'); create unique index t_key on t (lower(k));
      insert into t select 'k' || i, i % 5, 'b' || i % 3 from generate_series(0, 79) i`,
    columns: { k: ids.flatMap((id) => [`k${id}`, `K${id}`]), n: ['0', '1', '2', 'x'], b: ['b0', 'b1', ''] },
  },
  'a type that only PostgreSQL reads': {
    sql: `create domain small as int check (value < 9); create table t (k small, l int, n interval, b json, unique nulls not distinct (k, l));
      insert into t select i % 8, i / 8, '1 day', '{"a": 1}' from generate_series(0, 39) i`,
    columns: {
      k: ['0', '1', '2', '3', '8', '9', ''],
      l: ['0', '1', '2', '3', '9', ''],
      n: ['1 day', '24:00', 'soon', ''],
      // Never empty: a line of only delimiters is not a record.
      b: ['{"a": 1}', '{"a":1}', '{'],
    },
  },
  'a key that only PostgreSQL compares': {
    sql: `create extension if not exists citext; create table t (k citext, l float8, n real check (n < 9), b inet, primary key (k, l));
      insert into t select 'k' || i / 2, i % 2, i % 5, ('10.0.0.' || i % 3)::inet from generate_series(0, 79) i`,
    columns: {
      k: ids.slice(0, 60).flatMap((id) => [`k${id}`, `K${id}`]),
      l: ['0', '1', '1.0', '1e0'],
      n: ['0', '1', '2.0', '9', '', 'x'],
      b: ['10.0.0.1', '10.0.0.2', '10.0.0.1/32', 'no', ''],
    },
  },
  'a key by expression over names that csvjobs uses itself': {
    sql: `create table t (csvjobs_n text, n int, b text default 'none', ${OWN_NAMES.map((name) => `"${name}" int`).join(', ')});
      create unique index t_key on t (lower(csvjobs_n), abs(csvjobs_row), coalesce(csvjobs_c0 - csvjobs_c0 + found - found + row - row, 0));
      insert into t (csvjobs_n, csvjobs_row, n, b) select 'k' || i, 1, i % 5, 'b' || i % 3 from generate_series(0, 79) i`,
    columns: {
      csvjobs_n: ids.flatMap((id) => [`k${id}`, `K${id}`]),
      csvjobs_row: ['1', '1', '1', '-1', '2', ''],
      n: ['0', '1', '2', 'x'],
      b: ['b0', 'b1', ''],
      ...Object.fromEntries(OWN_NAMES.slice(1).map((name) => [name, ['1', '']])),
    },
  },
  'a partial key by expression, over a column that the file does not have': {
    sql: `create table t (made int generated always as identity primary key, k text, n int, b text not null default 'none', deleted date);
      create unique index t_key on t (lower(k)) where deleted is null;
      insert into t (k, n, b) select 'k' || i, i % 5, 'b' || i % 3 from generate_series(0, 79) i;
      insert into t (k, n, deleted) select 'k' || i % 40, i % 5, '2026-01-01' from generate_series(0, 119) i;`,
    columns: {
      k: [...ids.flatMap((id) => [`k${id}`, `K${id}`]), ''],
      n: ['0', '1', '2', 'x'],
      b: ['b0', 'b1', ''],
    },
  },
  // An update may take a row out of the index, so that the next record with its key is a new row.
  'a partial key over columns of the file, which an update may keep': {
    sql: `create table t (made int generated always as identity primary key, k int, l int, live boolean default false, n numeric default 2,
        b text not null default 'none' check (b <> 'bad'));
      create unique index t_key on t (k, l) nulls not distinct where (live or n = 2) and b <> 'gone';
      insert into t (k, l, live, n, b) select i % 8, nullif(i / 8, 4), i % 2 = 0, 2 + i % 2, 'b' from generate_series(0, 39) i`,
    columns: {
      k: ['0', '1', '2', '3', '8', '9', ''],
      l: ['0', '1', '2', '3', '9', ''],
      live: ['true', 'false', ''],
      n: ['2', '2.0', '5', ''],
      b: ['b', 'none', '', 'gone', 'bad'],
    },
  },
  'a key that the table numbers itself': {
    sql: `create table t (k int generated always as identity primary key, n numeric, b text not null, made timestamptz default now());
      insert into t (n, b) select i % 5, 'b' || i % 3 from generate_series(1, 80) i`,
    columns: { k: [...ids, 'x', ''], n: ['0', '1', '2.0', '', 'x'], b: ['b0', 'b1', ''] },
  },
  'a key that the table computes, beside one that it numbers': {
    sql: `create table t (id int generated always as identity unique, a int, k int generated always as (a + 1) stored, n numeric, b text, primary key (k));
      insert into t (a, n, b) select i, i % 5, 'b' || i % 3 from generate_series(0, 79) i`,
    columns: { k: [...ids, 'x', ''], id: ['7'], n: ['0', '1', '2.0', '', 'x'], b: ['b0', 'b1', ''] },
  },
};

/** Tables into whose key a file cannot insert. */
const ONLY_UPDATED = [
  'a key that the table numbers itself',
  'a key that the table computes, beside one that it numbers',
];

const SPECS: Record<string, Spec['csvjobs']> = {
  skip: { mode: 'skip' },
  update: { mode: 'update' },
  'update only': { mode: 'update', updateOnly: true },
  'update, blanks null': { mode: 'update', blanks: { n: 'null', b: 'null' } },
  'update, blanks default': { mode: 'update', blanks: { n: 'keep', b: 'default' } },
  'update, blanks reject': { mode: 'update', blanks: 'reject' },
};

const keyOf = (kind: string) =>
  ({
    'two keys and a reference': ['k'],
    'a type that only PostgreSQL reads': ['k', 'l'],
    'a key that the table computes, beside one that it numbers': ['k'],
  })[kind];

async function makeTable(sql: string): Promise<void> {
  await database.pool.query(
    `drop table if exists t, p, seen; drop domain if exists small; drop function if exists f; ${sql}`,
  );
}

function fileOf(kind: string, mode: string): TargetFile {
  const random = randomOf([...kind, ...mode].length);
  const columns = Object.values(KINDS[kind]!.columns);
  const records = Array.from({ length: RECORDS }, () =>
    columns.map((values) => values[Math.floor(random() * values.length)]!),
  );
  const key = keyOf(kind);
  const csvjobs = { ...SPECS[mode], ...(key && { key }) };
  return { table: TABLE, header: Object.keys(KINDS[kind]!.columns), records, spec: { csvjobs } as Spec };
}

interface State {
  table: unknown[];
  written: string[];
  seen: unknown[];
  counts: unknown;
  refused: unknown[];
}

async function versions(): Promise<string[]> {
  const { rows } = await database.pool.query(
    `select to_jsonb(t.*) - 'made' as row, t.xmin::text as version from t`,
  );
  return rows.map(({ row, version }) => `${JSON.stringify(row)} ${version}`);
}

async function stateOf(before: readonly string[], rest: Pick<State, 'counts' | 'refused'>): Promise<State> {
  const { pool } = database;
  const { rows: table } = await pool.query(`select to_jsonb(t.*) - 'made' as row from t order by 1`);
  const { rows: there } = await pool.query(`select to_regclass('seen') is not null as is`);
  const seen = there[0].is ? (await pool.query('select k, what from seen order by id')).rows : [];
  const known = new Set(before);
  const now = await versions();
  const written = now
    .filter((row) => !known.has(row))
    .map((row) => row.replace(/ \d+$/, ''))
    .sort();
  return { table: table.map(({ row }) => row), written, seen, ...rest };
}

/** Applies the records one after the other, each looked up by its key. */
async function applyEach(file: TargetFile): Promise<State> {
  const { pool } = database;
  const target = fillableTarget((await readTarget(pool, TABLE))!, file.spec);
  const plan = rowPlan(target, file.spec, file.header);
  const reader = createRowReader(plan);
  const before = await versions();
  const { conflict, blanks = [] } = plan;
  const key = target.keys.find(({ name }) => name === conflict!.key)!;
  const names = plan.columns.map(({ column }) => column);
  const inputs = names.map((name, at) => {
    const { type } = target.columns.find((column) => column.name === name)!;
    return `$${at + 1}::text::${type.sql} as ${name}`;
  });
  const keys = key.parts.map(({ expression }, at) => `(${expression}) as k${at}`).join(', ');
  const same = key.parts
    .map(
      ({ expression }, at) =>
        `(${expression}) ${key.nullsNotDistinct ? 'is not distinct from' : '='} v.k${at}`,
    )
    .join(' and ');
  const counts = { inserted: 0, updated: 0, unchanged: 0, skipped: 0 };
  const refused: unknown[] = [];
  // Not the pool, which closes the connection of each statement that PostgreSQL refuses.
  const client = await pool.connect();
  // Takes the row that would be inserted, to ask it whether a partial key covers it.
  if (key.predicate !== null)
    await client.query(
      'create temp table proposed (like t including defaults); alter table proposed alter made drop not null',
    );
  for (const [index, record] of file.records.entries()) {
    const refuse = (why: string) => refused.push({ rowNumber: index + 1, why });
    const { faults, values } = reader.judge(fieldsOf(record));
    if (faults) {
      refuse(faults[0]!.code);
      continue;
    }
    try {
      const { rows: read } = await client.query(`select ${inputs.join(', ')}`, values);
      const { rows } = await client.query(
        `select t.ctid, ${names.map((name) => `t.${name}::text`).join(', ')} from t, (select ${keys} from (select ${inputs.join(', ')}) i) v where ${same} and ${key.predicate ?? true}`,
        values,
      );
      const meaning = (name: string) => blanks.find(({ column }) => column === name)?.means;
      const given = names.flatMap((name, at) => (values[at] === null && meaning(name) ? [] : [at]));
      const insert = (into: string, returning = '') =>
        client.query(
          `insert into ${into} (${given.map((at) => names[at]).join(', ')}) values (${given.map((_, at) => `$${at + 1}`).join(', ')}) ${returning}`,
          given.map((at) => values[at]),
        );
      if (key.predicate !== null) {
        const { rows: proposed } = await insert(
          'proposed',
          `returning (${key.predicate}) is true as covered`,
        );
        if (!proposed[0].covered) rows.length = 0;
      }
      if (rows.length === 0 && conflict!.updateOnly) refuse('not_in_table');
      else if (rows.length === 0) {
        const { rowCount } = await insert('t');
        if (rowCount === 0) refuse('dropped');
        else counts.inserted++;
      } else if (conflict!.onConflict === 'skip') counts.skipped++;
      else {
        const row = rows[0];
        const { rows: shown } = await client.query(
          `select ${names.map((name) => `i.${name}::text`).join(', ')} from (select ${inputs.join(', ')}) i`,
          values,
        );
        expect(read).toHaveLength(1);
        const set: string[] = [];
        const texts: (string | null)[] = [];
        for (const [at, name] of names.entries()) {
          const blank = values[at] === null ? meaning(name) : undefined;
          if ((key.partColumns ?? key.columns).includes(name) || blank === 'keep') continue;
          const { default: expression } = target.columns.find((column) => column.name === name)!;
          const wanted = blank === 'default' ? (expression === null ? null : 'none') : shown[0][name];
          if (wanted === row[name]) continue;
          set.push(`${name} = $${texts.push(wanted) + 1}`);
        }
        if (set.length === 0) counts.unchanged++;
        else {
          await client.query(`update t set ${set.join(', ')} where ctid = $1`, [row.ctid, ...texts]);
          counts.updated++;
        }
      }
    } catch (error) {
      const { code } = error as { code: string };
      refuse(code === '23502' ? 'required' : code);
    }
  }
  await client.query('drop table if exists pg_temp.proposed');
  client.release();
  return stateOf(before, { counts, refused });
}

function fieldsOf(record: readonly string[]): Fields {
  const plain = record.map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell));
  const fields = new Fields();
  fields.bytes = Buffer.from(plain.join(''));
  let at = 0;
  for (const cell of plain) {
    const end = at + Buffer.byteLength(cell);
    fields.add(at, end);
    at = end;
  }
  return fields;
}

async function loaded(file: TargetFile, how: Parameters<typeof runToEnd>[3]): Promise<State> {
  const { pool } = database;
  const before = await versions();
  const id = await makeTargetJob(loading, pool, file);
  await runToEnd(loading, database, id, how);
  const job = (await findJob(pool, id))!;
  const refused = (await rejected(pool, id)).map(({ rowNumber, why }) => ({
    rowNumber,
    why: why === 'invalid_value' ? '22P02' : why,
  }));
  expect(job).toMatchObject({ processedRows: RECORDS, failedCount: refused.length, status: 'completed' });
  const { inserted, updated, unchanged } = job.counts!;
  expect(job.successCount).toBe(inserted + updated + unchanged);
  return stateOf(before, { counts: job.counts, refused });
}

/**
 * Each mode is that of one or two kinds: of a table that is updated in bulk, and of one in which PostgreSQL judges each value. Of the
 * other kinds each is there in one mode, but for those of which another kind has all; on the oldest PostgreSQL the most common ones.
 */
const MODES = Object.keys(SPECS);
const MODES_ON_NEWEST: Record<string, string[]> = {
  'one key': ['update', 'update, blanks null'],
  'a type that only PostgreSQL reads': ['update, blanks default', 'update, blanks reject'],
  'two keys and a reference': ['update'],
  'a key that only PostgreSQL compares': ['update'],
  'a key by expression over names that csvjobs uses itself': ['update'],
  'a partial key by expression, over a column that the file does not have': ['skip'],
  'a partial key over columns of the file, which an update may keep': ['update'],
  'a key that the table computes, beside one that it numbers': ['update only'],
};
const IN_SHORT: Record<string, string[]> = ON_OLDEST
  ? {
      'one key': ['skip', 'update'],
      'a type that only PostgreSQL reads': ['update'],
    }
  : MODES_ON_NEWEST;
const CASES = Object.keys(KINDS).flatMap((kind) =>
  (ONLY_UPDATED.includes(kind) ? ['update only'] : MODES).map((mode) => [kind, mode] as const),
);
const KILLED = { lanes: 2, failsAt: 3, stopsAt: [after(0.3), after(0.7)] };
const WAYS = [{ lanes: 1 }, { lanes: 4 }, KILLED];
const waysOf = (kind: string) => sized(kind === 'one key' ? WAYS.slice(1) : [KILLED], WAYS, [KILLED]);

describe('a table with', () => {
  for (const [kind, mode] of CASES)
    it(`${kind}: ${mode}`, sizedIf(IN_SHORT[kind]?.includes(mode) ?? false), async () => {
      const file = fileOf(kind, mode);
      await makeTable(KINDS[kind]!.sql);
      const expected = await applyEach(file);
      for (const how of mode === 'update' ? waysOf(kind) : [KILLED]) {
        await makeTable(KINDS[kind]!.sql);
        expect(await loaded(file, how)).toEqual(expected);
      }
    });
});

describe('two simultaneous jobs on the same keys', () => {
  for (const lanes of [1, 3])
    it(
      `with ${lanes} lanes: each record is counted once, and each row comes from one of them`,
      inShortIf(lanes === 3 && !ON_OLDEST),
      async () => {
        const { pool } = database;
        await makeTable(
          `create table t (k int primary key, n int, b text); insert into t select i, i, 'old' from generate_series(0, 299, 3) i`,
        );
        const fileFor = (b: string, turn: (records: string[][]) => string[][]): TargetFile => ({
          table: TABLE,
          header: ['k', 'n', 'b'],
          records: turn(Array.from({ length: 300 }, (_, k) => [String(k), String(k), b])),
          spec: { csvjobs: { mode: 'update' } } as Spec,
        });
        // In opposite orders, so that each reaches rows that the other has locked.
        const files = [fileFor('one', (records) => records), fileFor('two', (records) => records.reverse())];
        const jobs = await Promise.all(files.map((file) => makeTargetJob(loading, pool, file)));
        await Promise.all(
          jobs.map(async (id) => {
            const claimed = await claimJob(pool, id);
            expect(await run(claimed!, loading.dependencies(database, lanes), never)).toBe('completed');
          }),
        );
        const counted = await Promise.all(jobs.map(async (id) => (await findJob(pool, id))!));
        const sum = (name: 'inserted' | 'updated') =>
          counted.reduce((all, { counts }) => all + counts![name], 0);
        expect(counted.map(({ processedRows, failedCount }) => [processedRows, failedCount])).toEqual([
          [300, 0],
          [300, 0],
        ]);
        // Each key is inserted once, if it was missing; the other job updates it.
        expect([sum('inserted'), sum('updated')]).toEqual([200, 400]);
        const { rows } = await pool.query(
          `select count(*)::int as n, count(*) filter (where b in ('one', 'two'))::int as b from t`,
        );
        expect(rows[0]).toEqual({ n: 300, b: 300 });
      },
    );
});
