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
import { ALL_VALUES, TYPE_VALUES } from './typeValues.js';

let database: TestDatabase;
let client: Client;
let target: Target;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
  client = await connect(database.connection, 'csvjobs tests');
  await client.query(`create type mood as enum (${['sad', 'ok', 'so-so', 'größer'].map((label) => `'${label}'`).join(', ')});
    create domain amount as numeric(10,2);
    create table t (${TYPE_VALUES.map(([type], index) => `c${index} ${type}`).join(', ')})`);
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

/** Literals of arrays, also of those that PostgreSQL refuses. */
const item = fc.oneof(
  fc.constantFrom(
    '1',
    '-2',
    '7.25',
    'a',
    'ä,{}',
    '',
    ' ',
    'NULL',
    'null',
    'Nul',
    't',
    '2024-02-29',
    '9'.repeat(20),
  ),
  fc.stringMatching(/^[ a-z0-9{},"\\]{0,3}$/),
);
const array = fc.array(fc.tuple(item, fc.boolean()), { maxLength: 40 }).chain((items) =>
  fc.constantFrom('{', '{{', '[1:2]={', ' {', '').chain((open) =>
    fc.constantFrom('}', '}', '}', '}}', ',}', '} ', '').map((close) => {
      const written = items.map(([text, quoted]) => (quoted ? `"${text}"` : text));
      return `${open}${written.join(',')}${close}`;
    }),
  ),
);

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

describe.each(TYPE_VALUES.map(([type, accepts], index) => ({ type, accepts, index })))(
  '$type',
  ({ type, accepts, index }) => {
    it('stores what PostgreSQL stores for the same text, or doubts it', () => compare(index, ALL_VALUES));

    it('writes the usual forms directly', () => {
      const writer = typeRuleOf(target.columns[index]!.type)!;
      expect(accepts.filter((text) => written(writer, text) === undefined)).toEqual([]);
    });

    it('judges like PostgreSQL, with the listed exceptions', async () => {
      const found = await exceptionsAmong(index, ALL_VALUES);
      const lines = Object.entries(found).map(([code, values]) => `${code}: ${values.join(' | ')}\n`);
      await expect(lines.sort().join('')).toMatchFileSnapshot(`exceptions/${type}.txt`);
    });

    it('agrees with PostgreSQL on random numbers, dates and text', async () => {
      const text = fc.oneof(
        fc.stringMatching(/^[+-]?\d{0,20}(\.\d{0,12})?$/),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }).map(String),
        fc.double({ noNaN: true, min: -400, max: 400 }).map((number) => number.toPrecision(17)),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number.toExponential()),
        fc.float({ noNaN: true, noDefaultInfinity: true }).map((number) => number.toPrecision(8)),
        fc
          .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
          .map((date) => date.toISOString()),
        fc
          .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
          .map((date) => date.toISOString().replace('Z', '').slice(0, 10)),
        fc.stringMatching(/^\d\d:\d\d(:\d\d(\.\d{1,7})?)?([+-]\d\d(:?\d\d)?)?$/),
        fc.string({ unit: 'grapheme', maxLength: 5 }).filter((value) => !value.includes('\0')),
        array,
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
