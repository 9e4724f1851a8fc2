/**
 * Batches that wait as a whole for earlier ones: the reading thread writes their rows, but only PostgreSQL can compare their keys.
 * Where such a batch is tried in several ways, its rejects stay in the report.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { crossed } from '../../support/form.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Loading, openLoading } from '../support/loading.js';
import { expectCounters, insertEach, makeTargetJob, rejected, runToEnd, type TargetFile } from './support.js';

let loading: Loading;
let database: TestDatabase;
beforeAll(async () => {
  [loading, database] = await Promise.all([openLoading(), createDatabase()]);
  await database.pool.query('create extension citext');
});
afterAll(async () => {
  await loading.close();
  await database.drop();
});

/** Types of a key, with the text of its n-th value. */
const KEYS: Record<string, (n: number) => string> = {
  citext: (n) => `n${n}`,
  interval: (n) => `${n} days`,
  int4range: (n) => `[${n},${n + 1})`,
  float4: (n) => `${n}.5`,
  float8: (n) => `${n}.5`,
  numeric: (n) => `${n}.5`,
  timetz: (n) => `10:00:${n % 60}+02`,
  'char(8)': (n) => `n${n}`,
  inet: (n) => `10.0.0.${n}`,
  macaddr: (n) => `08:00:2b:01:02:${(16 + n).toString(16)}`,
  bytea: (n) => `\\x${(16 + n).toString(16)}`,
  bit: (n) => String(n % 2),
  'varchar collate "en-x-icu"': (n) => `n${n}`,
};

const WAYS = [
  { how: 'one lane', lanes: 1, csvjobs: {} },
  { how: 'two lanes', lanes: 2, csvjobs: {} },
  { how: 'all or nothing', lanes: 1, csvjobs: { atomic: true } },
];

for (const {
  kind: [type, text],
  way: { how, lanes, csvjobs },
  options,
} of crossed(Object.entries(KEYS), WAYS))
  it(`a key of type ${type}: ${how}`, options, async () => {
    const make = () =>
      database.pool.query(
        `drop table if exists w; create table w (a ${type} primary key, b int check (b < 100))`,
      );
    const records = Array.from({ length: 60 }, (_, at) => {
      if (at % 10 === 4) return [text(at), 'x'];
      if (at % 10 === 6) return [text(at - 1), '7'];
      return [text(at), String(at % 10 === 8 ? 100 : at)];
    });
    const table = { schema: 'public', name: 'w' };
    const file: TargetFile = { table, header: ['a', 'b'], records, spec: { csvjobs } };
    await make();
    const refused = await insertEach(database.pool, file);
    const content = () => database.pool.query('select w::text as row from w order by b, a::text');
    const expected = (await content()).rows;
    await make();
    const id = await makeTargetJob(loading, database.pool, file);
    await runToEnd(loading, database, id, { lanes });
    expect(await rejected(database.pool, id)).toEqual(refused);
    expect((await content()).rows).toEqual(expected);
    await expectCounters(database.pool, id, records.length, refused.length);
  });
