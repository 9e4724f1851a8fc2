/**
 * The fast path against the full check, in PostgreSQL: `judge` accepts each record that `write` accepts, and
 * binary COPY stores the same row as the texts of `judge`.
 */
import { readSpec, type SpecInput, type Target } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowPlan } from '../../src/rows/rowPlan.js';
import { createRowReader } from '../../src/rows/rowReader.js';
import { copyIn } from '../../src/sql/copy.js';
import { type Client, connect } from '../../src/sql/pool.js';
import { readTarget } from '../../src/sql/target/catalog.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { fieldsOf } from './fields.js';

type Field = Omit<NonNullable<SpecInput['schema']>['fields'][number], 'name'>;

const number = fc.stringMatching(/^[-+]?\d{0,9}([.,']\d{1,3}){0,3}( ?[€%$])?$/);
const date = fc.stringMatching(/^[0-3]?\d[./-][01]?\d[./-](19|20)?\d\d( 10:20)?$/);
const stamp = fc.stringMatching(/^[0-3]\d[.-][01]\d\.20\d\d [0-2]\d:[0-6]\d(:[0-6]\d)?$/);
const halfDay = fc.stringMatching(/^[0-3]\d-[01]\d-\d{4} [01]?\d:[0-6]\d [aAP][mM]$/);
const zoned = fc.stringMatching(/^[0-3]\d\.[01]\d\.20\d\d [0-2]\d:[0-6]\d([+-][01][0-9]:?[03]0|Z)?$/);
const local = fc.stringMatching(
  /^20\d\d-(0[1-9]|1[0-2])-[0-3]\d[ T][0-2]\d:[0-6]\d(:[0-6]\d(\.\d{1,7})?)?(Z|[+-]0[0-9]:00)?$/,
);
const named = fc
  .tuple(
    fc.integer({ min: 0, max: 32 }),
    fc.constantFrom('Jan', 'feb', 'MAR', 'May', 'Dec', 'Mai'),
    fc.integer({ min: 1, max: 9999 }),
  )
  .map(([day, month, year]) => `${day} ${month} ${String(year).padStart(4, '0')}`);
const word = fc.constantFrom('', 'ja', 'nein', 'o', 'open', 'closed', '-', 'n/a', ' ', 'x', 'ä', ' ja ');
const list = fc
  .array(fc.constantFrom('1', '-2', ' 3', 'x', '"', '\\', '{}', 'NULL', ''), { maxLength: 4 })
  .map((items) => items.join(';'));
const json = fc.json().map((text) => text.replaceAll('\\u0000', ''));
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV4Extended(),
  fc.tuple(fc.ipV6(), fc.nat(130)).map(([ip, bits]) => `${ip}/${bits}`),
);

/** A column's type, how its field is read, and the texts to try. */
const CASES: [
  type: string,
  field: Field,
  texts: fc.Arbitrary<string>,
  straight: boolean,
  timeZone?: string,
][] = [
  ['numeric(10,2)', { type: 'number', decimalChar: ',', groupChar: '.' }, number, true],
  ['numeric', { type: 'number', decimalChar: ',', groupChar: '.', bareNumber: false }, number, true],
  ['integer', { type: 'integer', groupChar: "'" }, number, true],
  ['float8', { type: 'number', decimalChar: ',' }, number, true],
  [
    'numeric',
    { type: 'number', decimalChar: ',', constraints: { minimum: '-10,5', maximum: 1000 } },
    number,
    true,
  ],
  ['text', { type: 'number', decimalChar: ',' }, number, true],
  ['date', { format: '%d.%m.%Y' }, date, true],
  ['date', { format: '%d/%m/%y', constraints: { minimum: '01/01/80' } }, date, true],
  ['date', { format: '%d %b %Y' }, named, true],
  ['timestamp', { format: '%d.%m.%Y %H:%M:%S' }, stamp, true],
  ['timestamp(0)', { format: '%d-%m-%Y %I:%M %p' }, halfDay, true],
  ['timestamptz', { format: '%d.%m.%Y %H:%M%z' }, zoned, true],
  ['timestamptz', {}, local, true, 'Europe/Berlin'],
  ['timestamptz(3)', { format: '%d.%m.%Y %H:%M:%S' }, stamp, true, 'Asia/Kolkata'],
  ['text', { type: 'date', format: '%d.%m.%Y' }, date, true],
  ['boolean', { trueValues: ['ja', 'x'], falseValues: ['nein', '-'] }, word, true],
  [
    'text',
    {
      categories: [
        { value: 'o', label: 'open' },
        { value: 'a much longer value than its label', label: 'x' },
      ],
    },
    word,
    true,
  ],
  ['text', { missingValues: ['n/a', '-'] }, word, true],
  ['varchar(3)', { missingValues: ['n/a'], constraints: { minLength: 1 } }, word, true],
  ['char(3)', { missingValues: [] }, word, true],
  ['text[]', { type: 'list', delimiter: ';' }, list, false],
  ['integer[]', { type: 'list', delimiter: ';' }, list, false],
  ['json', {}, json, true],
  ['jsonb', {}, json, true],
  ['inet', {}, address, true],
];

let database: TestDatabase;
let client: Client;
let target: Target;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
  client = await connect(database.connection, 'csvjobs tests');
  await client.query(
    `create table t (place bigint generated always as identity, ${CASES.map(([type], at) => `c${at} ${type}`).join(', ')})`,
  );
  target = (await readTarget(client, { schema: 'public', name: 't' }))!;
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const HEAD = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TAIL = Buffer.from([0xff, 0xff]);

async function stored(column: string): Promise<(string | null)[]> {
  const { rows } = await client.query<{ text: string | null }>(
    `select ${column}::text as text from t order by place`,
  );
  await client.query('truncate t');
  return rows.map(({ text }) => text);
}

it.each(
  CASES.map(([type, field, texts, straight, timeZone], at) => ({
    type,
    field,
    texts,
    straight,
    timeZone,
    at,
  })),
)('$type $field $timeZone', async ({ type, field, texts, straight, timeZone, at }) => {
  const column = `c${at}`;
  const spec = readSpec({ schema: { fields: [{ name: column, ...field }] }, csvjobs: { timeZone } });
  const reader = createRowReader(rowPlan(target, spec, [column]));
  const accepted: { text: string; value: string | null }[] = [];
  let written = 0;
  for (const text of fc.sample(texts, { numRuns: 2_000, seed: 20261126 })) {
    const record = fieldsOf(text);
    const { values, faults } = reader.judge(record);
    const isWritten = reader.write(record);
    if (isWritten) written++;
    expect({ text, faults, isWritten }).not.toMatchObject({ faults: expect.anything(), isWritten: true });
    if (values && (isWritten || !straight)) accepted.push({ text, value: values[0]! });
  }
  expect(accepted.length).toBeGreaterThan(10);
  expect(written > 0).toBe(straight || accepted.some(({ value }) => value === null));
  await client.query(
    `insert into t (${column}) select value::${type} from unnest($1::text[]) with ordinality n (value, place) order by place`,
    [accepted.map(({ value }) => value)],
  );
  const expected = await stored(column);
  if (!straight) return;
  await copyIn(
    client,
    `copy t (${column}) from stdin (format binary)`,
    Buffer.concat([HEAD, reader.rows, TAIL]),
  );
  const found = await stored(column);
  expect(accepted.map(({ text }, place) => [text, found[place]])).toEqual(
    accepted.map(({ text }, place) => [text, expected[place]]),
  );
});
