/** Columns whose names are properties of every JavaScript object: they are columns like any other, from the preview to the undo. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Preview, Rejection } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let url: string;

const COLUMNS = ['id', '__proto__', 'constructor', 'toString', 'hasOwnProperty'] as const;
const CSV = `${COLUMNS.join(',')}\n1,5,c1,t1,2024-01-02\n2,x,c2,,2024-13-01\n3,,,,\n`;
const REJECTED = ['2', 'x', 'c2', '', '2024-13-01'];

beforeEach(async () => {
  place = await openPlace();
  await place.database.plain(`create table odd (id int primary key, "__proto__" int, "constructor" text, "toString" text,
    "hasOwnProperty" date, "valueOf" text)`);
  ({ url } = await place.start({ TARGET_TABLES: 'public.*' }));
});
afterEach(() => place.close());

function write(name: string, text: string): string {
  const file = join(place.folder, name);
  writeFileSync(file, text);
  return file;
}

async function run(code: number, ...args: string[]): Promise<string> {
  const ended = await csvjobs(url, ...args);
  expect(ended.code, ended.stderr).toBe(code);
  return ended.stdout;
}

/** The values of COLUMNS that an object has of its own. */
const own = (row: Record<string, unknown>) =>
  COLUMNS.map((name) => (Object.hasOwn(row, name) ? row[name] : undefined));
const stored = async () => (await place.database.plain('table odd')).rows.map((row) => own(row));

test('good and rejected rows: preview, load, reports, rows and undo', async () => {
  const file = write('odd.csv', CSV);
  const table = await run(3, 'preview', file, '--into', 'odd');
  expect(table).toMatch(/^ *2 +rejected +2 +x +c2 +2024-13-01$/m);
  // A column that no record has a value for is not shown.
  expect(table).not.toContain('valueOf');
  const { records } = JSON.parse(await run(3, 'preview', file, '--into', 'odd', '--json')) as Preview;
  expect(records.map(({ values }) => own(values))).toEqual([
    ['1', '5', 'c1', 't1', '2024-01-02'],
    REJECTED,
    ['3', null, null, null, null],
  ]);

  const id = (await run(3, 'upload', file, '--into', 'odd', '--watch', '--progress', 'none')).trim();
  expect(await run(0, 'errors', id)).toContain(
    `rowNumber,${COLUMNS.join(',')},error\n2,${REJECTED.join(',')},`,
  );
  const [rejected] = (await run(0, 'errors', id, '--format', 'ndjson')).trim().split('\n');
  expect(own((JSON.parse(rejected!) as Rejection).row)).toEqual(REJECTED);
  expect(await run(0, 'show', id)).toContain(
    '__proto__=x, constructor=c2, toString=, hasOwnProperty=2024-13-01',
  );
  const rows = (await run(0, 'rows', id, '--json')).trim().split('\n');
  expect(own(JSON.parse(rows[0]!))).toEqual([1, 5, 'c1', 't1', '2024-01-02']);
  await run(0, 'undo', id, '--yes');
  expect(await stored()).toEqual([]);
});

test('a rejected row whose values are made of several fields', LONG, async () => {
  const file = write('odd.csv', 'id,a,b\n1,5,6\n');
  const options = ['--into', 'odd', '--map', '__proto__=a + b'];
  const { records } = JSON.parse(await run(3, 'preview', file, ...options, '--json')) as Preview;
  expect(records.map(({ values }) => own(values).slice(0, 2))).toEqual([['1', '5 6']]);
});

test('specs name them: map prints them, describe too, and the job loads them', LONG, async () => {
  const file = write('other.csv', 'A,B,C,D\n9,8,word,2024-05-06\n');
  const maps = ['id=A', '__proto__=B', 'constructor=C', 'hasOwnProperty=D'].flatMap((map) => ['--map', map]);
  const spec = await run(0, 'map', file, '--into', 'odd', ...maps, '--default', 'toString=t', '--print');
  const document = parse(spec) as { csvjobs: { firstOf: Record<string, string[]> } };
  expect(own(document.csvjobs.firstOf)).toEqual([['A'], ['B'], ['C'], undefined, ['D']]);
  await run(0, 'upload', file, '--spec', write('spec.yaml', spec), '--watch', '--progress', 'none');
  expect((await place.database.plain('table odd')).rows.map((row) => own(row).slice(0, 4))).toEqual([
    [9, 8, 'word', 't'],
  ]);

  const described = await run(0, 'describe', 'odd', '--spec');
  const { schema } = parse(described) as { schema: { fields: { name: string }[] } };
  expect(schema.fields.map(({ name }) => name)).toEqual([...COLUMNS, 'valueOf']);
  const again = write('odd.csv', CSV);
  await run(
    3,
    'upload',
    again,
    '--spec',
    write('described.yaml', described),
    '--watch',
    '--progress',
    'none',
  );
});

test('a lookup by such a column', LONG, async () => {
  await place.database.plain(`create table others ("__proto__" text primary key, n int);
    insert into others values ('one', 1)`);
  const spec = write(
    'spec.json',
    '{"csvjobs":{"into":"odd","lookup":{"__proto__":{"table":"others","value":"n","by":{"__proto__":"Word"}}}}}',
  );
  const file = write('odd.csv', 'id,Word\n1,one\n2,two\n');
  const id = (await run(3, 'upload', file, '--spec', spec, '--watch', '--progress', 'none')).trim();
  expect((await stored()).map((row) => row.slice(0, 2))).toEqual([[1, 1]]);
  expect(await run(0, 'errors', id)).toContain(
    '2,2,two,"line 3: __proto__: ""two"" is not in public.others.__proto__"',
  );
});
