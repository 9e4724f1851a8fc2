/**
 * With `quotedEmpty: text`, what COPY writes comes back to the letter: an empty field with quotes is an empty text, one without is
 * NULL (PostgreSQL manual, COPY, "CSV Format"), whatever way a batch takes.
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { readSpec, type SpecInput } from '@csvjobs/shared';
import { to as copyTo } from 'pg-copy-streams';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modeFor } from '../../../src/intake/mode.js';
import { overridesFor } from '../../../src/intake/overrides.js';
import { findJob, insertJob } from '../../../src/sql/jobs.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { crossed, LONG } from '../../support/form.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Loading, openLoading } from '../support/loading.js';
import { rejected, runToEnd } from './support.js';

let loading: Loading;
let db: TestDatabase;
beforeAll(async () => {
  [loading, db] = await Promise.all([openLoading(), createDatabase()]);
});
afterAll(async () => {
  await loading.close();
  await db.drop();
});

/** Loads a text into sales.t, in lanes and attempts. Returns the rejected rows and the notices. */
async function run(text: Buffer, written: SpecInput, lanes: number) {
  const id = randomUUID();
  await writeFile(join(loading.folder, id), text);
  const target = (await readTarget(db.pool, { schema: 'sales', name: 't' }))!;
  const spec = readSpec(written);
  const about = { filename: 'f.csv', sizeBytes: text.length, sha256: '0'.repeat(64), idempotencyKey: null };
  const how = { overrides: overridesFor({}, spec), into: { target, spec }, mode: modeFor(spec, target) };
  await insertJob(db.pool, { id, ...about, ...how });
  await runToEnd(loading, db, id, { lanes, stopsAt: [50] });
  const refused = (await rejected(db.pool, id)).map(({ rowNumber, why }) => [rowNumber, why]);
  return { refused, notices: (await findJob(db.pool, id))!.notices };
}

async function load(text: Buffer, spec: SpecInput, lanes: number) {
  return (await run(text, spec, lanes)).refused;
}

async function create(sql: string): Promise<void> {
  await db.plain(`drop schema if exists sales cascade; create schema sales; ${sql}`);
}

async function rows(): Promise<unknown[]> {
  return (await db.pool.query('select t::text as row, to_jsonb(t) as cells from sales.t order by 1')).rows;
}

async function copied(options: string): Promise<Buffer> {
  const client = await db.pool.connect();
  try {
    return await buffer(client.query(copyTo(`copy sales.t to stdout with (format csv, header, ${options})`)));
  } finally {
    client.release();
  }
}

/** The second of each has values that only PostgreSQL reads; the third is loaded one by one, in one lane. */
const TABLES = {
  'copied straight':
    'create table sales.t (id int primary key, a text not null, b text, c varchar(3), d int)',
  staged:
    'create table sales.t (id int primary key, a text not null, b text, c varchar(3), d int, e tsvector)',
  'one by one': `create table sales.t (id int primary key, a text not null, b text, c varchar(3), d int);
    create function sales.f() returns trigger language plpgsql as 'begin return new; end';
    create trigger t before insert on sales.t for each row execute function sales.f()`,
};
const DIALECTS: Record<string, [copy: string, spec: SpecInput]> = {
  'as usual': ["delimiter ','", {}],
  'with another quote': [`quote ''''`, { dialect: { quoteChar: "'" } }],
};

const WAYS = Object.keys(DIALECTS).flatMap((dialect) =>
  (['reject', 'update'] as const).map((mode) => ({ dialect, mode })),
);
for (const { kind: table, way, options } of crossed(Object.keys(TABLES), WAYS))
  it(`${table}, ${way.dialect}, ${way.mode}`, way === WAYS[3] ? LONG : options, async () => {
    const { dialect, mode } = way;
    await create(TABLES[table as keyof typeof TABLES]);
    await db.plain(`insert into sales.t (id, a, b, c, d)
    select i, (array['', 'x', '"', ',', ' '])[1 + i % 5], (array['', null, 'y"', '""', ''''''])[1 + i / 5 % 5],
      (array['', null, 'z'])[1 + i % 3], (array[i, null])[1 + i % 2] from generate_series(1, 120) i`);
    if (table === 'staged')
      await db.plain(`update sales.t set e = (array[''::tsvector, null])[1 + id / 3 % 2]`);
    const [how, spec] = DIALECTS[dialect]!;
    const before = await rows();
    const text = await copied(how);
    // In the mode update all rows are known, and a difference would be written.
    if (mode === 'reject') await db.plain('truncate sales.t');
    else await db.plain(`update sales.t set b = null, c = 'old', a = 'old' where id % 2 = 0`);
    const csvjobs = {
      quotedEmpty: 'text',
      mode,
      ...(mode === 'update' && { blanks: 'null' as const }),
    } as const;
    expect(await load(text, { ...spec, csvjobs }, table === 'one by one' ? 1 : 2)).toEqual([]);
    expect(await rows()).toEqual(before);
  });

it('is a value of a key, and of no type without an empty text', async () => {
  await create('create table sales.t (a text primary key, n int)');
  const text = Buffer.from('a,n\n"",1\n"",2\n,3\nx,""\n');
  expect(await load(text, { csvjobs: { quotedEmpty: 'text' } }, 1)).toEqual([
    [2, '23505'],
    [3, 'required'],
    [4, 'not_an_integer'],
  ]);
  expect(await rows()).toMatchObject([{ cells: { a: '', n: 1 } }]);
});

it('is found beside a column of several fields, to which it adds nothing', async () => {
  await create('create table sales.t (a text, b text)');
  const spec: SpecInput = { csvjobs: { quotedEmpty: 'text', combine: { b: ['x', 'y'] } } };
  const text = Buffer.from('a,x,y\n"","",1\n"",2,""\n,3,4\n"a""",5,\n');
  expect(await load(text, spec, 1)).toEqual([]);
  expect(await rows()).toMatchObject([
    { cells: { a: '', b: '1' } },
    { cells: { a: '', b: '2' } },
    { cells: { a: 'a"', b: '5' } },
    { cells: { a: null, b: '3 4' } },
  ]);
});

it('keeps records without a value, as COPY does', async () => {
  await create(`create table sales.t (a text, b text);
    insert into sales.t values ('', ''), (null, null), ('', null), ('x', 'y'), (null, ''), (null, null)`);
  const before = await rows();
  const text = await copied("delimiter ','");
  await db.plain('truncate sales.t');
  expect(await load(text, { csvjobs: { quotedEmpty: 'text' } }, 2)).toEqual([]);
  expect(await rows()).toEqual(before);
});

it('by default, it is no value, like an empty field', async () => {
  await create('create table sales.t (id int, a text not null, b text, n int)');
  const text = Buffer.from('id,a,b,n\n1,"","",""\n2,x,"",""\n');
  expect(await load(text, {}, 1)).toEqual([[1, 'required']]);
  expect(await rows()).toMatchObject([{ cells: { id: 2, a: 'x', b: null, n: null } }]);
});

it.each<[string, string, SpecInput, boolean]>([
  ['a file with both', 'id,a\n1,""\n2,\n', {}, true],
  [
    'a file with both and other words for no value',
    'id,a\n1,""\n2,\n',
    { csvjobs: { missingValues: ['-'] } },
    true,
  ],
  ['a file with quotes only', 'id,a\n1,""\n2,""\n', {}, false],
  ['a file without quotes', 'id,a\n1,\n2,x\n', {}, false],
  ['a file with quotes in a column of numbers', 'id,a\n"",\n2,x\n', {}, false],
  ['a file with empty fields after the last name', 'id,a,\n1,"",\n2,"",\n', {}, false],
  [
    'a file whose spec says what it means',
    'id,a\n1,""\n2,\n',
    { csvjobs: { quotedEmpty: 'missing' } },
    false,
  ],
])(
  'a notice says what "" is taken for only if that is an assumption: %s',
  async (_, text, spec, isAssumed) => {
    await create('create table sales.t (id int, a text)');
    const { notices } = await run(Buffer.from(text), spec, 1);
    const found = notices.filter((notice) => JSON.stringify(notice).includes('--quoted-empty text'));
    expect(found).toHaveLength(isAssumed ? 1 : 0);
  },
);

it.each([
  ['a', 1],
  ['id,a', 0],
])('a file with the fields %s as COPY writes it: the notices about lost NULLs', async (header, count) => {
  await create('create table sales.t (id int, a text)');
  const { notices } = await run(Buffer.from(`${header}\n`), { csvjobs: { quotedEmpty: 'text' } }, 1);
  const lost = 'blank lines are skipped: COPY writes NULL in the only column of a file as one';
  expect(notices.filter((notice) => notice === lost)).toHaveLength(count);
});
