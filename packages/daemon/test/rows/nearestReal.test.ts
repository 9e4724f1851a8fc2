/** The float that `real` stores for numbers between two floats, compared with what PostgreSQL stores. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { floatRule } from '../../src/rows/types/float.js';
import { nearestReal } from '../../src/rows/types/nearestReal.js';
import { sized } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase({ empty: true });
});
afterAll(() => db.drop());

/** What PostgreSQL stores, as exact doubles. */
async function stored(texts: readonly string[]): Promise<number[]> {
  const { rows } = await db.pool.query<{ value: number }>(
    'select t::float4::float8 as value from unnest($1::text[]) with ordinality as u (t, n) order by n',
    [texts],
  );
  return rows.map(({ value }) => value);
}

const bits = new Uint32Array(1);
const floats = new Float32Array(bits.buffer);
const floatOf = (pattern: number) => {
  bits[0] = pattern;
  return floats[0]!;
};

/** Numbers at, just below and just above the middle of two neighbouring floats; nothing that becomes zero or infinite. */
const LARGEST = 0x7f7fffff;
const between = fc
  .tuple(fc.integer({ min: 1, max: LARGEST - 1 }), fc.boolean(), fc.integer({ min: 15, max: 40 }))
  .map(([pattern, negative, digits]) => {
    const middle = (floatOf(pattern) + floatOf(pattern + 1)) / 2;
    return `${negative ? '-' : ''}${middle.toExponential(digits)}`;
  });

it('is the nearest to the number, not to the double that is nearest to it', async () => {
  const texts = fc.sample(between, { numRuns: sized(4_000, 40_000), seed: 4 });
  const right = await stored(texts);
  const found = texts.map(nearestReal);
  const differs = (at: number) => !Object.is(found[at], right[at]);
  expect(texts.filter((_, at) => differs(at))).toEqual([]);
  // The rounding of the double would be another.
  expect(texts.some((text, at) => Math.fround(Number(text)) !== right[at])).toBe(true);
});

it.each([
  ['3.4028235677973366e38', '340282356779733661637539395458142568447'],
  [
    '7.0064923216240854e-46',
    '7.00649232162408535461864791644958065640130970938257885878534141944895541342930300743319094181061e-46',
  ],
])('numbers at the ends of the range are stored as PostgreSQL stores them: %s', async (...texts) => {
  const rule = floatRule(4);
  expect(texts.map((text) => rule.judge(text))).toEqual(texts.map(() => undefined));
  expect(texts.map(nearestReal)).toEqual(await stored(texts));
});

it.each(['340282356779733661637539395458142568448', '3.4028235677973367e38', '7.0064923216240853e-46'])(
  'what PostgreSQL refuses as out of range is refused: %s',
  async (text) => {
    expect(floatRule(4).judge(text)).toMatchObject({ code: 'out_of_range' });
    await expect(stored([text])).rejects.toMatchObject({ code: '22003' });
  },
);
