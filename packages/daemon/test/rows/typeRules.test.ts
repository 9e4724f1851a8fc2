/**
 * The matrix of the fast path: each type against PostgreSQL itself. Whatever a writer accepts, PostgreSQL
 * must accept as text too, and the row stored by binary COPY must read like the one stored by `$1::type`.
 */
import type { Target } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typeRuleOf } from '../../src/rows/typeRules.js';
import { DOUBT, MOST_GROWTH, type TypeRule } from '../../src/rows/types/typeRule.js';
import { copyIn } from '../../src/sql/copy.js';
import { type Client, connect } from '../../src/sql/pool.js';
import { readTarget } from '../../src/sql/target/catalog.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

const NUMBERS = [
  '0',
  '1',
  '-1',
  '+7',
  '007',
  '-0',
  '42',
  '1_000',
  '0x1F',
  '0b11',
  '1e3',
  '1.',
  '.5',
  '.',
  '-.5',
  '',
  ' 1',
  '1 ',
  '--1',
  '+',
  '1,5',
  'NaN',
  'Infinity',
  '１２',
];
const INTEGERS = [
  '32767',
  '32768',
  '-32768',
  '-32769',
  '2147483647',
  '2147483648',
  '-2147483648',
  '-2147483649',
  '999999999999999',
  '1000000000000000',
  '4294967296',
  '-4294967297',
  '123456789012345678',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '-9223372036854775809',
];
const DECIMALS = [
  '1.5',
  '-1.5',
  '1.239',
  '1.230',
  '12345678.12',
  '99999999.99',
  '100000000',
  '-0.01',
  '0.001',
  '0.00',
  '10000',
  '100000000000000000000000000000',
  '1.00010000',
  '0000.0000',
  '12345678901234567890.123456789',
  '0.000000000001',
  `${'9'.repeat(150)}.5`,
];
const TIMES = [
  '10:20',
  '10:20:30',
  '10:20:30.5',
  '10:20:30.123456',
  '10:20:30.1234567',
  '23:59:59.999999',
  '24:00',
  '24:00:00',
  '10:20:60',
  '10:60',
  '1:20',
  '10:2',
  '102030',
  '10:20:30.',
  '10:20 PM',
  '00:00',
];
const DATES = [
  '2024-02-29',
  '2023-02-29',
  '1900-02-29',
  '2000-02-29',
  '0001-01-01',
  '9999-12-31',
  '0000-01-01',
  '1999-12-31',
  '2000-01-01',
  '1582-10-10',
  '10000-01-01',
  '2024-13-01',
  '2024-00-10',
  '2024-1-1',
  '1/2/3',
  '3/4/2024',
  '20240229',
  'today',
  'infinity',
  'epoch',
  '2024-02-29 BC',
  '24-02-29',
];
const ZONES = [
  '',
  'Z',
  'z',
  '+00',
  '+01',
  '-0130',
  '+01:30',
  '+15:59',
  '+16',
  '-15',
  '+1',
  '+01:',
  '+01:3',
  '+01:30:30',
  ' +01',
  ' UTC',
  'Europe/Berlin',
  '-',
  '+',
];
const STAMPS = DATES.flatMap((date) =>
  ['T10:20', ' 10:20:30.25', 't10:20', '  10:20', '', ' 23:59:59.999999', ' 24:00'].map(
    (time) => date + time,
  ),
).concat(
  TIMES.map((time) => `2024-02-29 ${time}`),
  ZONES.map((zone) => `2024-02-29T10:20${zone}`),
  ZONES.map((zone) => `0001-01-01T00:00:00.000001${zone}`),
  ZONES.map((zone) => `9999-12-31 23:59:59.5${zone}`),
);
const TEXTS = [
  'a',
  'abc',
  'abcd',
  'äöü',
  'äöüß',
  'a  ',
  'abc ',
  'abc  ',
  '日本語',
  '日本語x',
  '😀😀😀',
  '😀😀😀😀',
  ' a',
  '\\x41',
  'tab\there',
  'new\nline',
  'null',
  '\\N',
];
const BOOLEANS = [
  'true',
  'TRUE',
  'True',
  't',
  'T',
  'yes',
  'y',
  'on',
  '1',
  'false',
  'f',
  'no',
  'n',
  'off',
  '0',
  'tru',
  'fal',
  'o',
  'of',
  'truex',
  'TRUE ',
  '2',
  'ja',
  'wahr',
];
const UUIDS = [
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
  '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}',
  'a0eebc999c0b4ef8bb6d6bb9bd380a11',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g',
  'a0eebc99_9c0b-4ef8-bb6d-6bb9bd380a11',
  'g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
];
const BYTEAS = [
  '\\x',
  '\\x00',
  '\\xDEADbeef',
  '\\x0',
  '\\xgg',
  '\\X00',
  'abc',
  '\\000',
  '\\x 00',
  '\\x00 11',
];
const LABELS = ['sad', 'ok', 'so-so', 'größer', 'Sad', ' sad', 'sad ', 'sa'];
const DOCUMENTS = [
  '{}',
  '[]',
  '{"a": 1, "a": 2}',
  '{"b": [1, 2.50, -0, 1e5, null, true], "a": "x"}',
  '"äöü"',
  '"\\u00e4"',
  '"\\u0000"',
  '{"\\u0000": 1}',
  '"\\ud800"',
  '"\\ud83d\\ude00"',
  '"\\ude00\\ud83d"',
  '"\\\\u0000"',
  '"\\x"',
  '"tab\there"',
  '{a: 1}',
  "{'a': 1}",
  '{"a": 1,}',
  '[1, 2',
  '[NaN]',
  '01',
  '1.',
  '-',
  '1e131071',
  '1e131072',
  '1e-16383',
  '1e-16384',
  '1e999999999',
  '{"e": "1e999999"}',
  'True',
  '{"a": 1} x',
  '\ufeff{}',
  `${'['.repeat(900)}${']'.repeat(900)}`,
  `${'['.repeat(1_100)}${']'.repeat(1_100)}`,
  `"${'['.repeat(1_100)}"`,
];
const ADDRESSES = [
  '10.0.0.1',
  '10.0.0.1/32',
  '10.0.0.1/8',
  '10.0.0.0/8',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.1',
  '10',
  '192.168.1/24',
  '010.0.0.1',
  '256.0.0.1',
  '1.2.3.4.5',
  '0.0.0.0/0',
  '::',
  '::1',
  '1::',
  '::1/64',
  'fe80::/10',
  '2001:db8::ff00:42:8329',
  '2001:DB8:0:0:0:FF00:42:8329',
  '2001:db8:0:0:0:ff00:42:8329/129',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7::',
  '1:2:3:4:5:6:7:8::',
  '1:2:3:4:5:6:7',
  '::ffff:1.2.3.4',
  '1:2:3:4:5:6:1.2.3.4',
  '1::2::3',
  ':::',
  ':1',
  '1:',
  '12345::',
  'fe80::1%eth0',
  '08:00:2b:01:02:03',
  '08-00-2B-01-02-03',
  '08002b:010203',
  '08002b-010203',
  '0800.2b01.0203',
  '0800-2b01-0203',
  '08002b010203',
  '8:0:2b:1:2:3',
  '08:00-2b:01:02:03',
  '08:00:2b:01:02',
  '08:00:2b:01:02:0g',
];
const ARRAYS = [
  '{}',
  '{1,2}',
  '{ 1 , 2 }',
  '{1,NULL}',
  '{"1","2"}',
  '{{1,2},{3,4}}',
  '{{1,2},{3}}',
  '[2:3]={1,2}',
  '{1.239,1}',
  '{"1.50"}',
  '{1,,2}',
  '{1,2',
  '1,2',
  '{a,"b,c","d\\"e",f\\,g}',
  '{"a"b}',
  '{1}x',
  '{1_000}',
  '{null,Null}',
  '{"null"}',
  '{{}}',
];
const ALL = [
  ...new Set([
    ...NUMBERS,
    ...INTEGERS,
    ...DECIMALS,
    ...TIMES,
    ...DATES,
    ...STAMPS,
    ...TEXTS,
    ...BOOLEANS,
    ...UUIDS,
    ...BYTEAS,
    ...LABELS,
    ...DOCUMENTS,
    ...ADDRESSES,
    ...ARRAYS,
  ]),
].filter((text) => text !== '');

/** Each type with the values that its writer must accept; it may accept any number of the rest. */
const TYPES: [type: string, accepts: string[]][] = [
  ['int2', ['0', '-1', '+7', '007', '32767']],
  ['int4', ['2147483647', '-2147483647', '-0']],
  ['int8', ['999999999999999', '-4294967297', '123456789012345678']],
  [
    'numeric',
    [
      '1.5',
      '-0.01',
      '.5',
      '1.',
      '0.000000000001',
      '12345678901234567890.123456789',
      '10000',
      '1.00010000',
      '-0',
    ],
  ],
  ['numeric(10,2)', ['1.5', '1.230', '12345678.12', '99999999.99', '0.00', '-0']],
  ['numeric(3)', ['42', '1.']],
  ['numeric(2,4)', []],
  ['float4', ['1.5', '42', '-0', '.5']],
  ['float8', ['1.5', '999999999999999', '-1.5', '0.000000000001']],
  ['boolean', ['true', 'TRUE', 'y', 'off', '0']],
  ['text', TEXTS],
  ['varchar', TEXTS],
  ['varchar(3)', ['abc', 'äöü', '日本語', '😀😀😀']],
  ['char(3)', ['abc', 'a', 'äöü', '日本語']],
  ['bytea', ['\\x', '\\x00', '\\xDEADbeef']],
  ['uuid', [UUIDS[0]!, UUIDS[1]!]],
  ['date', ['2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31', '1582-10-10']],
  ['time', ['10:20', '10:20:30.123456', '00:00']],
  ['time(1)', ['10:20:30.5']],
  [
    'timestamp',
    ['2024-02-29T10:20', '2024-02-29 10:20:30.25', '0001-01-01 10:20:30.25', '9999-12-31 23:59:59.999999'],
  ],
  ['timestamp(0)', ['2024-02-29T10:20']],
  [
    'timestamptz',
    [
      '2024-02-29T10:20Z',
      '2024-02-29T10:20+01:30',
      '0001-01-01T00:00:00.000001+15:59',
      '9999-12-31 23:59:59.5-15',
    ],
  ],
  ['json', ['{}', '{"a": 1, "a": 2}', '"\\u0000"', '"äöü"', '1e131072']],
  ['jsonb', ['{}', '{"a": 1, "a": 2}', '"\\u00e4"', '"\\ud83d\\ude00"', '{"e": "1e999999"}', '1e131071']],
  ['inet', ['10.0.0.1', '10.0.0.1/8', '::', '::1/64', '1::', '::ffff:1.2.3.4', '1:2:3:4:5:6:7:8']],
  ['cidr', ['10.0.0.0/8', '::', 'fe80::/10', '10.0.0.1']],
  ['macaddr', ['08:00:2b:01:02:03', '08-00-2B-01-02-03', '08002b010203', '0800.2b01.0203']],
  ['int4[]', []],
  ['numeric(10,2)[]', []],
  ['text[]', []],
  ['mood', ['sad', 'so-so', 'größer']],
  ['amount', ['1.5', '-0.01']],
];

let database: TestDatabase;
let client: Client;
let target: Target;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
  client = await connect(database.connection, 'csvjobs tests');
  await client.query(`create type mood as enum (${['sad', 'ok', 'so-so', 'größer'].map((label) => `'${label}'`).join(', ')});
    create domain amount as numeric(10,2);
    create table t (${TYPES.map(([type], index) => `c${index} ${type}`).join(', ')})`);
  target = (await readTarget(client, { schema: 'public', name: 't' }))!;
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

/** Blanks around a value, for types that ignore them; PostgreSQL knows the same ones (isspace). */
const trimmed = (rule: TypeRule, text: string) =>
  rule.trims ? text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '') : text;

/** A field of the binary format, or undefined for a value in doubt. Its value is between other bytes. */
function written(writer: TypeRule, text: string): Buffer | undefined {
  const value = Buffer.from(text);
  const bytes = Buffer.concat([Buffer.from(':0'), value, Buffer.from(':00:00Z')]);
  const out = new DataView(new ArrayBuffer(7 + value.length + (writer.growth ?? MOST_GROWTH)));
  const end = writer.write(bytes, 2, 2 + value.length, out, 7);
  if (end === DOUBT) return undefined;
  expect(end).toBeLessThanOrEqual(out.byteLength);
  return Buffer.from(out.buffer, 7, end - 7);
}

/** The stored texts of values that are written directly. */
async function stored(column: string, values: Buffer[]): Promise<string[]> {
  await client.query('truncate t');
  const rows = values.map((value) => {
    const head = Buffer.alloc(6);
    head.writeInt16BE(1);
    head.writeInt32BE(value.length, 2);
    return Buffer.concat([head, value]);
  });
  const payload = Buffer.concat([SIGNATURE, ...rows, Buffer.from([0xff, 0xff])]);
  await copyIn(client, `copy t (${column}) from stdin (format binary)`, payload);
  const { rows: found } = await client.query<{ text: string }>(`select ${column}::text as text from t`);
  return found.map(({ text }) => text);
}

/** The value that PostgreSQL reads from the text. */
async function read(column: string, texts: string[]): Promise<string[]> {
  await client.query('truncate t');
  const type = target.columns.find(({ name }) => name === column)!.type.sql;
  await client.query(
    `insert into t (${column}) select value::${type} from unnest($1::text[]) with ordinality n (value, place) order by place`,
    [texts],
  );
  const { rows } = await client.query<{ text: string }>(`select ${column}::text as text from t`);
  return rows.map(({ text }) => text);
}

async function compare(index: number, texts: string[]): Promise<void> {
  const { name, type } = target.columns[index]!;
  const writer = typeRuleOf(type)!;
  const accepted = texts.flatMap((text) => {
    const value = written(writer, text);
    return value === undefined ? [] : [{ text, value }];
  });
  if (accepted.length === 0) return;
  const values = await stored(
    name,
    accepted.map(({ value }) => value),
  );
  const expected = await read(
    name,
    accepted.map(({ text }) => text),
  );
  expect(accepted.map(({ text }, at) => [text, values[at]])).toEqual(
    accepted.map(({ text }, at) => [text, expected[at]]),
  );
}

/**
 * Texts that PostgreSQL accepts and csvjobs rejects, by code; csvjobs must reject whatever PostgreSQL
 * refuses.
 */
async function exceptionsAmong(index: number, texts: string[]): Promise<Record<string, string[]>> {
  const { type } = target.columns[index]!;
  const rule = typeRuleOf(type)!;
  const values = texts.map((text) => trimmed(rule, text)).filter((text) => text !== '');
  const { rows } = await client.query<{ valid: boolean }>(
    'select pg_input_is_valid(value, $2) as valid from unnest($1::text[]) with ordinality n (value, place) order by place',
    [values, type.sql],
  );
  const exceptions: Record<string, string[]> = {};
  const tooLenient: string[] = [];
  const contradicted: string[] = [];
  for (const [at, value] of values.entries()) {
    const fault = rule.judge(value);
    if (fault && written(rule, value)) contradicted.push(value);
    if (!fault && !rows[at]!.valid) tooLenient.push(value);
    if (!fault || !rows[at]!.valid) continue;
    exceptions[fault.code] ??= [];
    exceptions[fault.code]!.push(value);
  }
  expect({ tooLenient, contradicted }).toEqual({ tooLenient: [], contradicted: [] });
  return exceptions;
}

describe.each(TYPES.map(([type, accepts], index) => ({ type, accepts, index })))(
  '$type',
  ({ type, accepts, index }) => {
    it('stores what PostgreSQL stores for the same text, or doubts it', () => compare(index, ALL));

    it('writes the usual forms directly', () => {
      const writer = typeRuleOf(target.columns[index]!.type)!;
      expect(accepts.filter((text) => written(writer, text) === undefined)).toEqual([]);
    });

    it('judges like PostgreSQL, with the listed exceptions', async () => {
      const found = await exceptionsAmong(index, ALL);
      const lines = Object.entries(found).map(([code, values]) => `${code}: ${values.join(' | ')}\n`);
      await expect(lines.sort().join('')).toMatchFileSnapshot(`exceptions/${type}.txt`);
    });

    it('agrees with PostgreSQL on random numbers, dates and text', async () => {
      const text = fc.oneof(
        fc.stringMatching(/^[+-]?\d{0,20}(\.\d{0,12})?$/),
        fc
          .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
          .map((date) => date.toISOString()),
        fc
          .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
          .map((date) => date.toISOString().replace('Z', '').slice(0, 10)),
        fc.stringMatching(/^\d\d:\d\d(:\d\d(\.\d{1,7})?)?([+-]\d\d(:?\d\d)?)?$/),
        fc.string({ unit: 'grapheme', maxLength: 5 }).filter((value) => !value.includes('\0')),
      );
      await compare(
        index,
        fc.sample(
          text.filter((value) => value !== ''),
          { numRuns: 3_000, seed: 20261126 },
        ),
      );
    });
  },
);
