/**
 * Judges intervals. PostgreSQL rounds without a word what its three numbers cannot hold (`0.1 years` are 1.2 months), what a
 * precision cuts, and drops what is smaller than the last field of a type such as `interval hour to minute` (manual,
 * section 8.5.4).
 */
import { inside } from './inside.js';
import { amountsOf } from './intervalAmounts.js';
import { DAY, type Parts, storedOf, type Unit } from './intervalUnits.js';
import { SECOND_DIGITS } from './secondDecimals.js';
import type { Fault } from './typeRule.js';

/** Bits 16 and above of a typmod (PostgreSQL, utils/timestamp.h: INTERVAL_MASK), from the smallest field. */
const FIELDS: readonly (readonly [bit: number, unit: Unit])[] = [
  [0x1000, 'second'],
  [0x800, 'minute'],
  [0x400, 'hour'],
  [0x8, 'day'],
  [0x2, 'month'],
  [0x4, 'year'],
];
const ALL_FIELDS = 0x7fff;
/** The precision of a type without one, and its maximum. */
const NO_PRECISION = 0xffff;

/** Returns the fault of a text of which PostgreSQL would store something else than it says. */
export function faultOfInterval(value: string, typmod: number): Fault | undefined {
  // Most texts are whole numbers of units that any interval can hold. An ISO form may have exponents and the like.
  if (typmod < 0 && !value.includes('.') && !/^\s*p.*[ex]/i.test(value)) return undefined;
  const range = typmod < 0 ? ALL_FIELDS : (typmod >> 16) & ALL_FIELDS;
  const last = range === ALL_FIELDS ? undefined : FIELDS.find(([bit]) => range & bit)?.[1];
  const all: Parts = { months: 0n, days: 0n, micros: 0n };
  for (const amount of amountsOf(value, last ?? 'second') ?? []) {
    if (/x/i.test(amount.number)) return inside({ code: 'not_a_number', params: { value: amount.number } });
    const stored = storedOf(amount);
    // PostgreSQL refuses an amount that is too large.
    if (!stored) return undefined;
    if ('rounded' in stored) return wouldBeRounded(value, `1 ${stored.rounded}`);
    all.months += stored.months;
    all.days += stored.days;
    all.micros += stored.micros;
  }
  if (last !== undefined && isCut(all, last)) return wouldBeRounded(value, `1 ${last}`);
  const precision = typmod < 0 ? NO_PRECISION : typmod & 0xffff;
  if (precision >= SECOND_DIGITS || all.micros % 10n ** BigInt(SECOND_DIGITS - precision) === 0n)
    return undefined;
  return wouldBeRounded(value, `${(10 ** -precision).toFixed(precision)} second`);
}

function wouldBeRounded(value: string, unit: string): Fault {
  return { code: 'would_be_rounded', params: { value, unit } };
}

function isCut({ months, days, micros }: Parts, last: Unit): boolean {
  if (last === 'second') return false;
  if (last === 'minute' || last === 'hour')
    return micros % BigInt(last === 'hour' ? DAY / 24 : DAY / 1_440) !== 0n;
  if (last === 'day') return micros !== 0n;
  return micros !== 0n || days !== 0n || (last === 'year' && months % 12n !== 0n);
}
