/** Which numbers PostgreSQL's floats round, compared with what PostgreSQL prints. */
import { adviceOf, sentenceOf } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decimalOf } from '../../src/rows/types/decimal.js';
import { floatRule } from '../../src/rows/types/float.js';
import { FLOAT_NAMES, type FloatSize } from '../../src/rows/types/floatText.js';
import { sized } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase({ empty: true });
});
afterAll(() => db.drop());

async function printed(texts: readonly string[], size: FloatSize): Promise<string[]> {
  const { rows } = await db.pool.query<{ text: string }>(
    `select (t::float${size})::text as text from unnest($1::text[]) with ordinality as u (t, n) order by n`,
    [texts],
  );
  return rows.map(({ text }) => text);
}

function isSame(text: string, shown: string): boolean {
  const [written, back] = [decimalOf(text)!, decimalOf(shown)!];
  return written.digits === back.digits && (written.digits === '' || written.exponent === back.exponent);
}

/** Whether a float stores exactly this number, although PostgreSQL may print a shorter one. */
function isStored(text: string, size: FloatSize): boolean {
  const { digits, exponent } = decimalOf(text)!;
  let number = Math.abs(size === 8 ? Number(text) : Math.fround(Number(text)));
  let halved = 0n;
  for (; !Number.isInteger(number); number *= 2) halved++;
  const written = BigInt(digits) * 2n ** halved * 10n ** BigInt(Math.max(0, exponent));
  return BigInt(number) * 10n ** BigInt(Math.max(0, -exponent)) === written;
}

async function expectRight(texts: readonly string[], size: FloatSize): Promise<void> {
  const rule = floatRule(size);
  const readable = texts.filter((text) => rule.judge(text) === undefined);
  const shown = await printed(readable, size);
  const right = readable.map((text, at) => {
    const comesBack = isSame(text, shown[at]!) || isStored(text, size);
    return [text, shown[at], comesBack ? undefined : FLOAT_NAMES[size]];
  });
  const found = readable.map((text, at) => [text, shown[at], rule.rounds!(text)]);
  const differs = (at: number) => found[at]![2] !== right[at]![2];
  expect(found.filter((_, at) => differs(at))).toEqual(right.filter((_, at) => differs(at)));
}

const powers = (from: number, to: number, step: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => 2 ** (from + at)).flatMap((power) =>
    [-1, 0, 1].map((times) => power * (1 + times * step)),
  );
const around = (bits: number) =>
  Array.from({ length: 9 }, (_, at) => (2n ** BigInt(bits) + BigInt(at) - 4n).toString());

it.each<[FloatSize, string[]]>([
  [8, ['9007199254740993', '1e23', '9.999999999999999e22', '0.10000000000000001', '-0.1', '5e-324']],
  [8, ['4.94e-324', '1.7976931348623157e308', '0', '-0.0', '1e22', '1180591620717411303424', '1e15']],
  [8, [52, 53, 54, 55, 56, 60].flatMap(around)],
  [8, powers(-1074, 1023, 2 ** -52).flatMap((value) => [15, 16, 17].map((most) => value.toPrecision(most)))],
  [4, ['16777217', '0.1', '1e-45', '3.4028235e38', '8589973000', '8589973504', '0.123456789', '8388608.5']],
  [4, [23, 24, 25, 26, 30].flatMap(around)],
  [4, powers(-149, 127, 2 ** -23).flatMap((value) => [6, 7, 8, 9].map((most) => value.toPrecision(most)))],
])('float%i: chosen numbers', (size, texts) => expectRight(texts, size));

const number = fc
  .tuple(
    fc.stringMatching(/^[1-9][0-9]{0,18}$/),
    fc.integer({ min: -340, max: 300 }),
    fc.constantFrom('', '-'),
  )
  .map(([digits, exponent, sign]) => `${sign}${digits}e${exponent}`);
const plain = fc.stringMatching(/^-?[0-9]{1,12}(\.[0-9]{1,12})?$/);
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const own = fc.oneof(
  double.map(String),
  double.map((value) => value.toPrecision(17)),
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toPrecision(9)),
);

it.each<[FloatSize]>([[4], [8]])('float%i: any numbers', async (size) => {
  const texts = fc.array(fc.oneof(number, plain, own), { minLength: 100, maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(texts, (all) => expectRight(all, size)),
    { numRuns: sized(10, 200) },
  );
});

it.each<[FloatSize]>([[4], [8]])('float%i: no number that is written directly is rounded', (size) => {
  const rule = floatRule(size);
  const out = new DataView(new ArrayBuffer(8));
  const short = size === 8 ? plain : fc.stringMatching(/^-?[0-9]{0,7}(\.[0-9]{0,7})?$/);
  fc.assert(
    fc.property(short, (text) => {
      const bytes = Buffer.from(text);
      const isWritten = bytes.length > 0 && rule.write(bytes, 0, bytes.length, out, 0) >= 0;
      if (isWritten) expect([text, rule.rounds!(text)]).toEqual([text, undefined]);
    }),
    { numRuns: sized(2_000, 50_000) },
  );
});

it.each<[FloatSize, string]>([
  [8, '1e-400'],
  [8, '-2e-324'],
  [4, '1e-50'],
  [4, '-7e-46'],
])('float%i: %s would become 0, which PostgreSQL refuses', async (size, text) => {
  await expect(printed([text], size)).rejects.toMatchObject({ code: '22003' });
  const fault = floatRule(size).judge(text)!;
  expect([fault.code, sentenceOf(fault), adviceOf(fault)]).toEqual([
    'out_of_range',
    `${text} is too close to 0 for ${FLOAT_NAMES[size]}`,
    'Write 0, or use a column of type numeric.',
  ]);
});

it('numbers beyond a float', () => {
  const said = [floatRule(8).judge('-1e400')!, floatRule(4).judge('1e39')!].map(sentenceOf);
  expect(said).toEqual([
    '-1e400 is not between -1.7976931348623157e308 and 1.7976931348623157e308',
    '1e39 is not between -3.4028235e38 and 3.4028235e38',
  ]);
});
