/**
 * Drawn tables and dirty files, in 1, 2 or 4 lanes, in attempts that end anywhere, one of them in front of a commit: the table, the
 * report and the counters are those of an oracle that inserts record by record.
 * @module-tag sized
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TRAITS } from '../../sql/target/traits.js';
import { sized } from '../../support/form.js';
import { openTestLoad } from '../support/testLoad.js';
import { expectCounters, insertEach, makeTargetJob, rejected, runToEnd, type TargetFile } from './support.js';

const { loading, db } = await openTestLoad();

const COLUMNS = ['a', 'b', 'c', 'd'];

/** The types of the columns. Only PostgreSQL can compare values of some: they are no part of a key that the reading thread knows. */
const types = fc.record({
  a: fc.constantFrom('int', 'int', 'numeric', 'float8'),
  b: fc.constantFrom('text', 'text', 'varchar(9)', 'citext'),
  c: fc.constantFrom('int', 'int', 'int8', 'float4'),
});
type Types = typeof types extends fc.Arbitrary<infer T> ? T : never;

/** False if some of the traits exclude each other, as two primary keys do, or do not suit the types. */
async function make(traits: readonly string[], { a, b, c }: Types): Promise<boolean> {
  const rules = traits.map((trait) => `${TRAITS[trait]};`).join('\n');
  return db
    .plain(`create extension if not exists citext schema public;
      drop schema if exists sales cascade; create schema sales; set search_path = sales, public;
      create table p (id int primary key); insert into p select generate_series(1, 60);
      create table t (a ${a}, b ${b}, c ${c}, d int default 7);
      ${rules}`)
    .then(
      () => true,
      () => false,
    );
}

/** Small numbers collide by keys, larger ones meet the rows of the table. */
const number = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 5 }).map(String), weight: 1 },
  { arbitrary: fc.integer({ min: 1, max: 70 }).map(String), weight: 8 },
  { arbitrary: fc.constantFrom('', 'x', '1.5', '007', ' 3'), weight: 1 },
);
const word = fc.oneof(
  { arbitrary: fc.stringMatching(/^[a-z]{2}$/), weight: 4 },
  { arbitrary: fc.constantFrom('x', 'X', 'y', 'bär', 'BÄR', '', 'a,b', 'say "hi"'), weight: 1 },
);
const records = fc.array(fc.tuple(number, word, number, number), { minLength: 20, maxLength: 100 });
const how = fc.record({
  lanes: fc.constantFrom(1, 2, 4),
  stopsAt: fc
    .array(fc.integer({ min: 1, max: 140 }), { maxLength: 2 })
    .map((stops) => stops.sort((a, b) => a - b)),
  failsAt: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
});

type Drawn = typeof how extends fc.Arbitrary<infer T> ? T : never;

const tableNow = async () =>
  (await db.pool.query(`select ${COLUMNS.join(', ')} from sales.t order by t::text`)).rows;

async function agree(
  traits: readonly string[],
  types: Types,
  file: TargetFile,
  { lanes, stopsAt, failsAt }: Drawn,
) {
  if (!(await make(traits, types))) return;
  const expected = { refused: await insertEach(db.pool, file), table: await tableNow() };
  await make(traits, types);
  const id = await makeTargetJob(loading, db.pool, file);
  await runToEnd(loading, db, id, {
    lanes,
    stopsAt,
    // A file has this many batches: of 5, 10, 20 and 40 records.
    ...(failsAt !== undefined && file.records.length > 35 && { failsAt }),
  });
  // A row that violates two rules is refused for either.
  const placesOf = (refused: readonly { rowNumber: number }[]) => refused.map(({ rowNumber }) => rowNumber);
  expect(placesOf(await rejected(db.pool, id))).toEqual(placesOf(expected.refused));
  expect(await tableNow()).toEqual(expected.table);
  await expectCounters(db.pool, id, file.records.length, expected.refused.length);
}

const traits = fc.subarray(
  Object.keys(TRAITS).filter((trait) => trait !== 'exclude'),
  { maxLength: 4 },
);
/** The first may be NOT NULL. */
const columns = fc.subarray(COLUMNS.slice(1)).map((others) => ['a', ...others]);

it.each(
  sized(
    [20261127],
    Array.from({ length: 40 }, (_, at) => 20261126 + at),
  ),
)('gives the same result as record by record, seed %i', async (seed) => {
  await fc.assert(
    fc.asyncProperty(traits, types, columns, records, how, (drawn, of, some, rows, interrupted) => {
      // A file without it is refused as a whole.
      const header = drawn.includes('filled')
        ? COLUMNS.filter((name) => [...some, 'c'].includes(name))
        : some;
      const cut = rows.map((cells) => {
        const own = header.map((name) => cells[COLUMNS.indexOf(name)]!);
        // A record without any value does not count.
        return own.every((cell) => cell === '') ? own.map(() => '1') : own;
      });
      const file = { table: { schema: 'sales', name: 't' }, header, records: cut };
      return agree(drawn, of, file, interrupted);
    }),
    // A mismatch is shown as generated: shrinking it takes longer than a test may.
    { numRuns: 3, seed, endOnFailure: true },
  );
});
