/**
 * Keys computed without a database, compared with PostgreSQL: each value has PostgreSQL's text, and two
 * values are equal if PostgreSQL says so.
 */
import type { Target } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyTextOf } from '../../../src/rows/keys/keyText.js';
import { typeRuleOf } from '../../../src/rows/typeRules.js';
import { type Client, connect } from '../../../src/sql/pool.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

const number = fc.stringMatching(/^[-+]?0{0,2}\d{0,3}(\.\d{0,3})?0{0,2}(e[-+]?[0-3])?$/);
const zero = fc.constantFrom(
  '0',
  '-0',
  '0.00',
  '0e5',
  '-0.0e-3',
  '.0',
  '12e-2',
  '1200e-4',
  '1e3',
  '1000',
  '1.50',
);
const date = fc.oneof(
  fc.stringMatching(/^(0001|1900|2000|2024|9999|12345|294275)-(0?1|0?2|3|12)-(0?1|2|28|29|31)$/),
  fc.constantFrom('20240229', '2024/02/29', '2024-02-29', '2024-2-29', '2024-02-29 00:00:00.0'),
);
const time = fc.stringMatching(
  /^(0?0|0?1|12|13|23):(00|59)(:(00|05)(\.(5|50|123456|1234560|000))?)?( ?[AP]M)?$/,
);
const zone = fc.constantFrom('', 'Z', ' UTC', '+00', '+15:59', '-0130', '-15', '+01');
const stamp = fc.tuple(date, fc.constantFrom('T', ' '), time, zone).map((parts) => parts.join(''));
const bare = fc.tuple(date, fc.constantFrom('', 'Z', ' 00:00')).map((parts) => parts.join(''));
const word = fc.stringMatching(/^[ab ]{0,3} ?$/);
const uuid = fc
  .tuple(
    fc.constantFrom('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1', 'A0EEBC99-9c0b4ef8bb6d-6bb9bd380a1'),
    fc.nat(3),
  )
  .map(([start, end]) => (end === 3 ? `{${start}0}` : `${start}${end}`));

/** Each type with texts, many of which mean the same. */
const CASES: Record<string, fc.Arbitrary<string>> = {
  int2: number,
  integer: number,
  bigint: fc.oneof(number, fc.constantFrom('0009223372036854775807', '9223372036854775807')),
  numeric: fc.oneof(number, zero),
  'numeric(10,2)': fc.oneof(number, zero),
  'numeric(3)': fc.oneof(number, zero),
  'numeric(2,4)': fc.oneof(number, zero, fc.constantFrom('0.001', '1e-3', '0.0010')),
  'numeric(3,-1)': fc.oneof(number, zero),
  text: word,
  'varchar(4)': word,
  'char(4)': word,
  boolean: fc.constantFrom('true', 'T', 'yes', 'Y', 'on', '1', 'FALSE', 'f', 'no', 'n', 'off', '0'),
  mood: fc.constantFrom('sad', 'ok', 'Ok'),
  bytea: fc.stringMatching(/^\\x(aB|Ab|0f){0,2}$/),
  uuid,
  macaddr: fc.constantFrom(
    '08:00:2b:01:02:03',
    '08-00-2B-01-02-03',
    '08002b010203',
    '0800.2b01.0203',
    '0800-2b01-0204',
  ),
  date: fc.oneof(date, bare),
  time,
  'time(1)': time,
  timestamp: fc.oneof(stamp, bare),
  'timestamp(0)': fc.oneof(stamp, bare),
  timestamptz: fc.oneof(
    stamp,
    fc.constantFrom('0001-01-01 00:00+02', '0001-01-01T01:00Z', '2024-01-01 00:30+01'),
  ),
};

let database: TestDatabase;
let client: Client;
let target: Target;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
  client = await connect(database.connection, 'csvjobs tests');
  const columns = Object.keys(CASES).map((type, at) => `c${at} ${type}`);
  await client.query(`create type mood as enum ('sad', 'ok', 'Ok'); create table t (${columns.join(', ')})`);
  target = (await readTarget(client, { schema: 'public', name: 't' }))!;
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

it.each(Object.entries(CASES).map(([type, texts], at) => ({ type, texts, at })))(
  '$type',
  async ({ type, texts, at }) => {
    const { type: described } = target.columns[at]!;
    const rule = typeRuleOf(described)!;
    const { shown, compared = (text) => text, isCompared } = keyTextOf(described)!;
    const drawn = fc.sample(texts, { numRuns: 2_000, seed: 20261126 });
    const values = [...new Set(drawn)].filter((text) => text !== '' && rule.judge(text) === undefined);
    expect(values.length).toBeGreaterThan(2);
    const { rows } = await client.query<{ shown: string; group: number }>(
      `select v::text as shown, dense_rank() over (order by v)::int as "group"
       from (select place, t::${type} as v from unnest($1::text[]) with ordinality u (t, place)) d order by place`,
      [values],
    );
    expect(values.map((text) => `${text} → ${shown(text)}`)).toEqual(
      rows.map((row, index) => `${values[index]} → ${row.shown}`),
    );
    // A text accepted as the compared form is that form, byte by byte.
    const asIs = values.filter((text) =>
      isCompared?.(Buffer.from(` ${text} `), 1, Buffer.byteLength(text) + 1),
    );
    expect(asIs.map((text) => compared(shown(text)))).toEqual(asIs);
    const groups = new Map<string, Set<number>>();
    for (const [index, text] of values.entries()) {
      const key = compared(shown(text));
      groups.set(key, (groups.get(key) ?? new Set()).add(rows[index]!.group));
    }
    expect([...groups].filter(([, each]) => each.size > 1)).toEqual([]);
    expect(groups.size).toBe(Math.max(...rows.map(({ group }) => group)));
  },
);

it('has no text for a type whose equality differs from that of its texts', () => {
  const type = target.columns[0]!.type;
  for (const name of ['float8', 'interval', 'jsonb', 'citext'])
    expect(keyTextOf({ ...type, name })).toBeUndefined();
  expect(keyTextOf({ ...type, kind: 'array' })).toBeUndefined();
  expect(keyTextOf({ ...type, system: false })).toBeUndefined();
});
