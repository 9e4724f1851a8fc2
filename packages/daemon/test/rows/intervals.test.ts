/** What is stored of an interval that no rule refuses is what PostgreSQL stores, and it is all that the text says. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { amountsOf } from '../../src/rows/types/intervalAmounts.js';
import { faultOfInterval } from '../../src/rows/types/intervalFields.js';
import { storedOf } from '../../src/rows/types/intervalUnits.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase({ empty: true });
  await db.plain(`create function parts(value text, type text) returns text language plpgsql as $$
    declare i interval;
    begin
      execute format('select %L::%s', value, type) into i;
      return concat_ws(' ', extract(year from i) * 12 + extract(month from i), extract(day from i),
        trim_scale(extract(hour from i) * 3600000000 + extract(minute from i) * 60000000 + extract(microseconds from i)));
    exception when others then return null;
    end $$`);
});
afterAll(() => db.drop());

/** Types with the modifiers that pg_attribute has for them. */
const TYPES: Record<string, number> = {
  interval: -1,
  'interval(0)': (0x7fff << 16) | 0,
  'interval(2)': (0x7fff << 16) | 2,
  'interval year': (0x4 << 16) | 0xffff,
  'interval month': (0x2 << 16) | 0xffff,
  'interval day': (0x8 << 16) | 0xffff,
  'interval day to hour': (0x408 << 16) | 0xffff,
  'interval minute': (0x800 << 16) | 0xffff,
  'interval day to second(1)': (0x1c08 << 16) | 1,
};

/** As `parts` writes them; undefined for texts that only PostgreSQL can read. */
function partsOf(value: string, type: string): string | undefined {
  const last = /(year|month|day|hour|minute)$/.exec(type)?.[1] ?? 'second';
  const all = { months: 0n, days: 0n, micros: 0n };
  const amounts = amountsOf(value, last as 'second');
  for (const amount of amounts ?? []) {
    const stored = storedOf(amount);
    if (!stored || 'rounded' in stored) return undefined;
    for (const part of ['months', 'days', 'micros'] as const) all[part] += stored[part];
  }
  if (/\bago\b/.test(value)) return `${-all.months} ${-all.days} ${-all.micros}`;
  return amounts && `${all.months} ${all.days} ${all.micros}`;
}

async function compare(values: readonly string[]): Promise<number> {
  let read = 0;
  for (const [type, typmod] of Object.entries(TYPES)) {
    const { rows } = await db.pool.query<{ parts: string | null }>(
      'select parts(value, $2) from unnest($1::text[]) with ordinality v (value, at) order by at',
      [values, type],
    );
    const judged = values.map((value, at) => ({ type, value, stored: rows[at]!.parts }));
    const passed = judged.filter(
      ({ value, stored }) => stored !== null && stored !== '' && !faultOfInterval(value, typmod),
    );
    read += passed.length;
    const other = passed.map((each) => ({ ...each, meant: partsOf(each.value, type) }));
    expect(other.filter(({ stored, meant }) => stored !== meant)).toEqual([]);
  }
  return read;
}

const number = fc.oneof(
  fc.stringMatching(/^[1-9]\d{0,3}$/),
  fc.stringMatching(/^\d{1,3}\.\d{0,2}$/),
  fc.stringMatching(/^\d{1,9}\.\d{0,9}$/),
  fc.stringMatching(/^\.\d{1,8}$/),
  fc.constantFrom(
    '0',
    '0.5',
    '1.25',
    '0.1',
    '123456789012.1234567',
    '0.0000005',
    '1.00000000000000000000000001',
  ),
);
const sign = fc.constantFrom('', '', '', '-', '+', '- ');
const word = fc.constantFrom(
  ...['us', 'microseconds', 'ms', 'milliseconds', 's', 'sec', 'seconds', 'm', 'min', 'minutes', 'h', 'hours'],
  ...[
    'd',
    'days',
    'w',
    'weeks',
    'mon',
    'months',
    'y',
    'years',
    'decades',
    'centuries',
    'c',
    'millennia',
    'milleniums',
  ],
  ...['', 'qtr', 'x'],
);
const gap = fc.constantFrom('', ' ', '  ', ', ', '; ', '@ ');
const time = fc.stringMatching(/^\d{1,2}:\d{1,2}(:\d{1,2})?(\.\d{1,7})?$/);
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(sign, number, fc.constantFrom('', ' '), word).map((all) => all.join('')) },
  { weight: 2, arbitrary: fc.tuple(sign, time).map((all) => all.join('')) },
  { weight: 1, arbitrary: fc.tuple(sign, fc.stringMatching(/^\d{1,3}-\d{1,2}$/)).map((all) => all.join('')) },
);
const written = fc
  .tuple(fc.array(fc.tuple(piece, gap), { minLength: 1, maxLength: 3 }), fc.constantFrom('', '', '', ' ago'))
  .map(([pieces, ago]) => pieces.flat().join('') + ago);
const isoNumber = fc.oneof(
  number,
  number.map((text) => `-${text}`),
  fc.constantFrom('1e3', '15e-1', '0x1F', '1e-7'),
);
const iso = fc
  .tuple(
    fc.array(fc.tuple(isoNumber, fc.constantFrom('Y', 'M', 'W', 'D')), { maxLength: 3 }),
    fc.array(fc.tuple(isoNumber, fc.constantFrom('H', 'M', 'S')), { maxLength: 3 }),
  )
  .map(([date, times]) => `P${date.flat().join('')}${times.length > 0 ? `T${times.flat().join('')}` : ''}`);
const isoOther = fc.stringMatching(
  /^P(\d{4}-\d\d?(\.\d{1,3})?-\d\d?(\.\d{1,7})?|\d{8}(\.\d{1,4})?|\d{1,3}(\.\d{1,3})?)(T(\d\d:\d\d:\d\d(\.\d{1,7})?|\d{6}(\.\d{1,7})?|\d{1,2}(\.\d{1,8})?))?$/,
);

test('drawn intervals that pass are stored as they are written', async () => {
  const drawn = fc.sample(fc.oneof(written, iso, isoOther), { numRuns: 4_000 });
  expect(await compare(drawn)).toBeGreaterThan(drawn.length);
});

test.each([
  ['interval', '0.1 year', '1 month'],
  ['interval', '1 century 1.001 years', '1 month'],
  ['interval', '0.0001 millennia', '1 month'],
  ['interval', '0.01 decades', '1 month'],
  ['interval', 'P0.1Y', '1 month'],
  ['interval', 'P1.05', '1 month'],
  ['interval', '1.55 us', '1 microsecond'],
  ['interval', '1.0005 ms 0.0005 us', '1 microsecond'],
  ['interval', '1.123456789 weeks', '1 microsecond'],
  ['interval', '0.33333333333 hours', '1 microsecond'],
  ['interval', 'PT123456789012.123456S', '1 microsecond'],
  ['interval', 'P1e-12D', '1 microsecond'],
  ['interval', '02:00 1.5 days', '1 day'],
  ['interval', '1:02:03.1234567 months', '1 microsecond'],
  ['interval', 'P00010203T040506.7', '1 microsecond'],
  ['interval(0)', '239 ms', '1 second'],
  ['interval(2)', '0.0001 min', '0.01 second'],
  ['interval(0)', '0.0001 hours', '1 second'],
  ['interval year', '1 decade 3 days', '1 year'],
  ['interval month', '1 century 1 week', '1 month'],
])('%s: "%s" would be rounded to %s', (type, value, unit) => {
  expect(faultOfInterval(value, TYPES[type]!)).toEqual({ code: 'would_be_rounded', params: { value, unit } });
});

test('hexadecimal digits, which only ISO forms may have, are no numbers', () => {
  expect(faultOfInterval('P0x1FD', -1)).toMatchObject({ code: 'not_a_number', params: { value: '0x1fd' } });
});

test('fractions that smaller units hold pass', async () => {
  const values = ['0.5 decade', '0.25 centuries', '0.5 year', '0.1 months', '1.5 weeks', '0.33333333 hours'];
  const more = ['P0.5Y', 'P0.5W', 'PT1.5H', '1.5 days', '1.5 2:00', '.5 s', '1:30.5', 'infinity', '5. days'];
  expect([...values, ...more].filter((value) => faultOfInterval(value, -1))).toEqual([]);
  await compare([...values, ...more].filter((value) => value !== 'infinity'));
});
