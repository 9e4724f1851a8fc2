/**
 * The table proposed for a file fits it: tested with a real PostgreSQL, which runs the statement and loads
 * the records with its own COPY, and with the type rules that decide in a load.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { KEYWORDS, type Proposal, type ProposalAnswer, SYSTEM_COLUMNS } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProposalTask, proposeTable } from '../../src/pipeline/proposeTable.js';
import { typeRuleOf } from '../../src/rows/typeRules.js';
import { decimalOf } from '../../src/rows/types/decimal.js';
import { DOUBT, MOST_GROWTH } from '../../src/rows/types/typeRule.js';
import { copyIn } from '../../src/sql/copy.js';
import { type Client, connect } from '../../src/sql/pool.js';
import { readTarget } from '../../src/sql/target/catalog.js';
import { sized } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

const LIMITS = { maxRecordBytes: 100_000, maxDecodedBytes: 1e9, batchRows: 1, batchBytes: 1 };

let folder: string;
let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-propose-'));
  database = await createDatabase({ empty: true });
  client = await connect(database.connection, 'csvjobs tests');
  await client.query('create schema sales');
});
afterAll(async () => {
  await client.end();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function answer(bytes: Uint8Array | string, more: Partial<ProposalTask> = {}): Promise<ProposalAnswer> {
  const path = join(folder, randomUUID());
  await writeFile(path, bytes);
  const table = { schema: 'sales', name: 't' };
  const task = {
    path,
    overrides: {},
    limits: LIMITS,
    maxUploadBytes: 1e9,
    table,
    key: [],
    exactNames: false,
  };
  return proposeTable({ ...task, ...more });
}

async function proposal(bytes: Uint8Array | string, more: Partial<ProposalTask> = {}): Promise<Proposal> {
  const found = await answer(bytes, more);
  if (found.type !== 'proposed') throw new Error(found.message);
  return found;
}

const types = ({ columns }: Proposal) => Object.fromEntries(columns.map(({ name, type }) => [name, type]));

/** Runs the statement, loads the file as PostgreSQL reads it, and returns the rows as text. */
async function loadedByCopy({ ddl, columns }: Proposal, csv: string): Promise<(string | null)[][]> {
  await client.query('drop table if exists sales.t');
  await client.query(ddl);
  await copyIn(client, 'copy sales.t from stdin (format csv, header)', Buffer.from(csv));
  const target = (await readTarget(client, { schema: 'sales', name: 't' }))!;
  expect(target.columns.map(({ name }) => name)).toEqual(columns.map(({ name }) => name));
  const list = target.columns.map(({ name }) => `"${name.replaceAll('"', '""')}"::text`).join(', ');
  const { rows } = await client.query<{ row: (string | null)[] }>(
    `select array[${list}] as row from sales.t`,
  );
  return rows.map(({ row }) => row);
}

const csvOf = (rows: readonly (readonly string[])[]) =>
  rows
    .map(
      (row) =>
        `${row.map((value) => (/[",\r\n]|^$/.test(value) && value !== '' ? `"${value.replaceAll('"', '""')}"` : value)).join(',')}\n`,
    )
    .join('');

function sameNumber(one: string, other: string): boolean {
  return isDeepStrictEqual(decimalOf(one), decimalOf(other)) || decimalOf(other)?.digits === '';
}

/** Whether a stored value equals that of the file: exactly if the type preserves text. */
function isKept(type: string, text: string, stored: string | null): boolean {
  if (text === '') return stored === null;
  if (stored === null) return false;
  const iso = stored.replace(' ', 'T');
  switch (type) {
    case 'integer':
    case 'bigint':
    case 'text':
    case 'date':
      return stored === text;
    case 'uuid':
      return stored === text.toLowerCase();
    case 'boolean':
      return stored.startsWith(/^(t|y|on)/i.test(text) ? 't' : 'f');
    case 'numeric':
      return sameNumber(stored, text);
    // PostgreSQL writes some of the numbers midway between two differently: still the same number.
    case 'double precision':
      return Number(stored) === Number(text) && sameNumber(String(Number(text)), text);
    case 'jsonb':
      return isDeepStrictEqual(JSON.parse(stored), JSON.parse(text));
    case 'time':
      return Date.parse(`2000-01-01T${stored}Z`) === Date.parse(`2000-01-01T${text}Z`);
    case 'timestamp':
      return Date.parse(`${iso}Z`) === Date.parse(`${text}Z`);
    default:
      return Date.parse(iso.replace(/([+-]\d\d)$/, '$1:00')) === Date.parse(text);
  }
}

const time = fc
  .date({ noInvalidDate: true, min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z') })
  .map((date) => date.toISOString());
/** Values of a column, mostly of one kind. */
const KINDS: fc.Arbitrary<string>[] = [
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }).map(String),
  fc.stringMatching(/^-?(0|[1-9]\d{0,10})(\.\d{1,9})?$/),
  fc.stringMatching(/^-?\d{0,20}\.?\d{0,20}$/),
  fc.stringMatching(/^-?\d(\.\d{1,18})?[eE][+-]?\d{1,3}$/),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number.toExponential()),
  fc.constantFrom('true', 'false', 'TRUE', 't', 'f', 'yes', 'no', 'on', 'off'),
  time.map((text) => text.slice(0, 10)),
  time.map((text) => text.slice(11, 23)),
  time.map((text) => text.slice(0, -1)),
  time,
  fc.uuid(),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.stringMatching(/^0\d{1,6}$/),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
];
const ODD = fc.constantFrom(
  '',
  'n/a',
  '007',
  '1e5',
  '-0',
  '+1',
  '.5',
  '5.',
  '1_000',
  '0x1F',
  'NaN',
  'infinity',
  'today',
  '2023-02-29',
  '{"a":1,"a":2}',
  '["\\u0000"]',
  '123456789012345',
);
const column = fc
  .tuple(fc.constantFrom(...KINDS.keys()), fc.constantFrom(0, 0, 0, 5, 30))
  .chain(([kind, percent]) =>
    fc.array(
      percent === 0
        ? KINDS[kind]!
        : fc.oneof({ weight: 100 - percent, arbitrary: KINDS[kind]! }, { weight: percent, arbitrary: ODD }),
      {
        minLength: 12,
        maxLength: 12,
      },
    ),
  );
/** csvjobs skips records of only blanks, and a backslash and a dot end the data for older versions. */
const clean = (value: string) => value.replace(/[\0\p{Cs}\\\s]/gu, '');

describe('any file', () => {
  it('fits into the table, by PostgreSQL and by the rules of a load, and its values are preserved', {
    tags: ['sized'],
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(column, { minLength: 1, maxLength: 6 }), async (generated) => {
        const columns = [
          generated[0]!.map((_, row) => `r${row}`),
          ...generated.map((values) => values.map(clean)),
        ];
        const rows = columns[0]!.map((_, row) => columns.map((values) => values[row]!));
        const csv = csvOf([columns.map((_, at) => `c${at}`), ...rows]);
        const found = await proposal(csv);
        const stored = await loadedByCopy(found, csv);
        const target = (await readTarget(client, { schema: 'sales', name: 't' }))!;
        for (const [at, { type }] of found.columns.entries()) {
          const rule = typeRuleOf(target.columns[at]!.type);
          for (const [row, text] of columns[at]!.entries()) {
            const place = `${type}: ${text} → ${stored[row]![at]}`;
            expect(isKept(type, text, stored[row]![at]!), place).toBe(true);
            if (text === '' || rule === undefined) continue;
            const bytes = Buffer.from(text);
            const out = new DataView(new ArrayBuffer(bytes.length + MOST_GROWTH));
            const sure = rule.write(bytes, 0, bytes.length, out, 0) !== DOUBT;
            expect(sure || rule.judge(text) === undefined, place).toBe(true);
          }
        }
      }),
      { numRuns: sized(18, 100) },
    );
  });

  it('of JSON at its limits is accepted by jsonb', async () => {
    const deep = `${'['.repeat(499)}1${']'.repeat(499)}`;
    const values = [
      deep,
      '[1e1000]',
      '[-1.5E-1000]',
      `[${'9'.repeat(299)}]`,
      '{"":[{"\\ud83d\\ude00":"\\u0001"}]}',
    ];
    const csv = csvOf([['j'], ...values.map((value) => [value])]);
    const found = await proposal(csv);
    expect(types(found)).toEqual({ j: 'jsonb' });
    expect((await loadedByCopy(found, csv)).length).toBe(values.length);
  });

  it('has its odd value reported, and is text only for a reason', async () => {
    const rows = Array.from({ length: 500 }, (_, at) => [String(at), at === 331 ? '"n/a\n"' : `${at}.25`]);
    const found = await proposal(`id,amount\n${rows.map((row) => `${row.join(',')}\n`).join('')}`);
    expect(types(found)).toEqual({ id: 'integer', amount: 'text' });
    const odd = { line: 333, value: 'n/a\n', values: 1, others: 499, type: 'numeric' };
    expect(found.columns[1]).toEqual({ name: 'amount', header: 'amount', type: 'text', nullable: true, odd });
    const sentence = 'amount: text, as line 333 has "n/a\\n" (499 other values are numeric)';
    expect(found.notices).toContain(sentence);
    expect(found.ddl).toBe(`-- ${sentence}\ncreate table sales.t (\n  id integer,\n  amount text\n);\n`);
  });
});

describe('the statement', () => {
  it('is valid whatever the header and the values contain, and does nothing else', async () => {
    await client.query('create table if not exists public.victim ()');
    const hostile = '"; drop table public.victim; --';
    const header = [
      'id',
      hostile,
      'a,b',
      `x' || 'y`,
      'ctid',
      'xmin',
      'Order',
      'user',
      '$1',
      '--',
      '/*',
      'имя',
      'a\nb',
    ];
    const values = header.map((_, at) => (at === 0 ? '' : `1\n; drop table public.victim; --${at}`));
    const csv = csvOf([
      header,
      ['1', ...header.slice(1).map(() => '2')],
      ['2', ...header.slice(1).map(() => '3')],
      ['3', ...values.slice(1)],
    ]);
    for (const exactNames of [false, true]) {
      const found = await proposal(csv, { exactNames, overrides: { delimiter: ',' } });
      expect(found.columns.length).toBe(header.length);
      expect(found.ddl.split('\n').filter((line) => line.startsWith('--')).length).toBe(header.length - 1);
      expect((await loadedByCopy(found, csv)).length).toBe(3);
    }
    await client.query('select from public.victim');
  });

  it('quotes like quote_ident()', async () => {
    const { rows } = await client.query<{ word: string }>(
      `select word from pg_get_keywords() where catcode <> 'U'
       union select word from unnest($1::text[]) word where quote_ident(word) <> word`,
      [[...KEYWORDS]],
    );
    const missing = rows.filter(({ word }) => !KEYWORDS.has(word));
    expect(missing).toEqual([]);
    const system = await client.query<{ attname: string }>(
      `select attname from pg_attribute where attrelid = 'pg_class'::regclass and attnum < 0`,
    );
    expect(new Set(system.rows.map(({ attname }) => attname))).toEqual(SYSTEM_COLUMNS);
  });

  it('supports 1,600 columns', async () => {
    const header = Array.from({ length: 1_600 }, (_, at) => `col ${at}`);
    const found = await proposal(`${header.join(',')}\n${header.map((_, at) => at).join(',')}\n`);
    await client.query('drop table if exists sales.t');
    await client.query(found.ddl);
    expect((await answer(`${header.join(',')},one more\n`)).type).toBe('refused');
  });
});

describe('a key', () => {
  const csv = 'Order ID,line,note\n1,1,\n1,2,x\n';

  it('is given by columns or headers, and not null', async () => {
    const found = await proposal(csv, { key: ['Order ID', 'LINE'] });
    expect(found.key).toEqual(['order_id', 'line']);
    expect(found.columns.map(({ nullable }) => nullable)).toEqual([false, false, true]);
    expect(found.ddl).toContain('  order_id integer not null,\n');
    expect(found.ddl).toContain('  primary key (order_id, line)\n');
    expect(found.notices.join('\n')).toContain('key order_id, line: not looked through for duplicates');
    await loadedByCopy(found, csv);
    const target = await readTarget(client, { schema: 'sales', name: 't' });
    expect(target?.keys.map(({ columns, primary }) => [columns, primary])).toEqual([
      [['order_id', 'line'], true],
    ]);
  });

  it.each([
    [['lime'], 'there is no column "lime", did you mean line?'],
    [['x'], 'there is no column "x"; there are order_id, line, note'],
    [['line', 'Line'], 'the key has line twice'],
    [['note'], 'note cannot be in the key: one field has no value, the first on line 2'],
  ])('%j: %s', async (key, message) => {
    expect(await answer(csv, { key })).toEqual({ type: 'unfit', message });
  });

  it('on a number has no blanks, on text it may', async () => {
    expect((await answer('a,b\n1,x\n  ,y\n', { key: ['a'] })).type).toBe('unfit');
    expect((await proposal('a,b\nx,1\n"  ",1\n', { key: ['a'] })).key).toEqual(['a']);
  });
});

describe('a file', () => {
  it('is read like in a load: encoding, delimiter, compression, with notices', async () => {
    const found = await proposal(gzipSync(Buffer.from('Größe;Preis\n1;2\n', 'latin1')));
    expect(types(found)).toEqual({ grosse: 'integer', preis: 'integer' });
    expect(found.source).toMatchObject({ encoding: 'windows-1252', delimiter: ';', compression: 'gzip' });
    expect(found.notices[0]).toBe('read as windows-1252, with ";" between fields');
    expect(found.notices[1]).toContain('encoding assumed');
    const asked = await proposal('a|b,c\n1|2,3\n', { overrides: { delimiter: '|', encoding: 'iso-8859-1' } });
    expect(types(asked)).toEqual({ a: 'integer', b_c: 'text' });
  });

  it('has the records that a load rejects ignored, so they decide nothing', async () => {
    const csv = 'a,b\r\n1,2\r\n1,x,3\r\n"x" y,1\r\n3\n,4\r\n5,6\r\n\0,x\r\n7,8\r\n9,9\r\n9,9\r\n';
    const found = await proposal(csv);
    expect(types(found)).toEqual({ a: 'integer', b: 'integer' });
    expect(found.notices[1]).toMatch(
      /^5 records were left out, which a load rejects; the first is on line 3: 3 fields/,
    );
  });

  it('with mostly damaged records is not refused for its header', async () => {
    const found = await proposal('a,b\n\0,1\n\0,2\n3,4\n');
    expect(types(found)).toEqual({ a: 'integer', b: 'integer' });
    expect(found.notices[1]).toMatch(/^2 records were left out.*on line 2: NUL character/);
  });

  it('without records has text columns, with a notice', async () => {
    const found = await proposal('a,b\n');
    expect(types(found)).toEqual({ a: 'text', b: 'text' });
    expect(found.notices).toContain('the file has no records: nothing is known of its values');
  });

  it('has unnamed columns only if they have values', async () => {
    const found = await proposal('a,,b,,\n1,2,3,,\n');
    expect(types(found)).toEqual({ a: 'integer', column_2: 'integer', b: 'integer' });
    expect(found.notices).toContain(
      'column 2 has no name: a load ignores it until the header calls it column_2',
    );
  });

  it('whose first line looks like data has a notice', async () => {
    const found = await proposal('1,Ann,2024-01-01\n2,Bo,2024-01-02\n');
    expect(found.notices).toContain(
      'the first line is taken for the header, but "1" in it looks like a value',
    );
  });

  it.each([
    ['empty', '', 'file_empty'],
    ['blank lines', '\n \n', 'file_empty'],
    ['binary', 'PK\x03\x04 and so on', 'file_not_text'],
    ['no names', ',,\n"",\n', 'file_empty'],
    ['a title as wide as the header', 'a,b\nid,name,city\n1,Ann,Rome\n2,Bo,Bonn\n', 'header_invalid'],
    ['a quote in the header', 'a "b" c,d\n1,2\n', 'header_invalid'],
    ['an ambiguous encoding', Buffer.from('a,b\nB\x81b,1\n', 'latin1'), 'encoding_undetermined'],
    ['damaged', gzipSync(Buffer.alloc(300_000, 'a,b\n')).subarray(0, -9), 'gzip_damaged'],
  ])('%s: refused', async (_name, bytes, code) => {
    const refused = await answer(bytes);
    expect(refused).toMatchObject({ type: 'refused', code });
    expect(JSON.stringify(refused)).not.toContain('email');
  });
});
