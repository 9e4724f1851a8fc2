/**
 * The units of intervals, and what PostgreSQL stores of an amount: months, days and microseconds (manual, section 8.5.4).
 * It passes a fraction on to smaller units, at 12 months a year and 30 days a month, and rounds fractions of months of a
 * longer unit, and of microseconds.
 */
import { decimalOf } from './decimal.js';

const SECOND = 1_000_000;
const HOUR = 3_600 * SECOND;
export const DAY = 24 * HOUR;
const DAYS_A_MONTH = 30;

/** What one of a unit is; `days`: its fractions are days, and only fractions of these are times. */
interface Size {
  names: readonly string[];
  months?: number;
  days?: number;
  micros?: number;
}

/** Only ten letters count (datetime.h, TOKMAXLEN). */
const SIZES = {
  microsecond: { names: ['us', 'usec', 'usecs', 'usecond', 'useconds', 'microsecon'], micros: 1 },
  millisecond: { names: ['ms', 'msec', 'msecs', 'msecond', 'mseconds', 'millisecon'], micros: 1_000 },
  second: { names: ['s', 'sec', 'secs', 'second', 'seconds'], micros: SECOND },
  minute: { names: ['m', 'min', 'mins', 'minute', 'minutes'], micros: 60 * SECOND },
  hour: { names: ['h', 'hr', 'hrs', 'hour', 'hours'], micros: HOUR },
  day: { names: ['d', 'day', 'days'], days: 1 },
  week: { names: ['w', 'week', 'weeks'], days: 7 },
  month: { names: ['mon', 'mons', 'month', 'months'], months: 1, days: DAYS_A_MONTH },
  year: { names: ['y', 'yr', 'yrs', 'year', 'years'], months: 12 },
  decade: { names: ['dec', 'decs', 'decade', 'decades'], months: 120 },
  century: { names: ['c', 'cent', 'century', 'centuries'], months: 1_200 },
  millennium: { names: ['mil', 'mils', 'millennia', 'millennium'], months: 12_000 },
} satisfies Record<string, Size>;

export type Unit = keyof typeof SIZES;

const LETTERS = 10;
const BY_NAME = new Map(
  Object.entries(SIZES).flatMap(([unit, { names }]) => names.map((name) => [name, unit as Unit] as const)),
);

export function unitOf(word: string): Unit | undefined {
  return BY_NAME.get(word.slice(0, LETTERS));
}

/** A number with its unit, as the text of an interval has it. */
export interface Amount {
  /** As written, with its sign. */
  number: string;
  unit: Unit;
  /**
   * How PostgreSQL reads the number. `iso`: as one double, not digits before and after the point apart. `basic`: as a part of
   * `P00010203T040506`, where its fractions get lost: `T040506.7` is 04:05:06.000001. `after`: behind a time, which replaces
   * the fraction of a day: `02:00 1.5 days` is 1 day 02:00.
   */
  form?: 'iso' | 'basic' | 'after';
}

/** As PostgreSQL stores an interval. */
export interface Parts {
  months: bigint;
  days: bigint;
  micros: bigint;
}

/** What PostgreSQL stores of an amount, or the unit to which it rounds. */
export type Stored = Parts | { rounded: 'month' | 'day' | 'microsecond' };

/** @returns undefined for an amount that is no decimal number, or too large for any interval */
export function storedOf({ number, unit, form }: Amount): Stored | undefined {
  const decimal = decimalOf(number);
  if (!decimal || decimal.digits.length + decimal.exponent > MOST_DIGITS) return undefined;
  if (form === 'basic' && decimal.exponent < 0) return { rounded: 'microsecond' };
  const size: Size = SIZES[unit];
  if (form === 'after' && size.days && decimal.exponent < 0) return { rounded: 'day' };
  const sign = number.startsWith('-') ? -1n : 1n;
  const times = (factor: number) => product(decimal.digits, decimal.exponent, BigInt(factor));
  if (size.months && !size.days) {
    const months = times(size.months);
    return months === undefined ? { rounded: 'month' } : { months: sign * months, days: 0n, micros: 0n };
  }
  const { whole, fraction } = split(number.replace(/^[+-]/, ''), form === 'iso');
  const exact = times(size.days ? size.days * DAY : size.micros!);
  const days = size.days ? Math.trunc(fraction * size.days) : 0;
  const micros =
    size.days === 1 || !size.days ? fraction * (size.micros ?? DAY) : (fraction * size.days - days) * DAY;
  const unitDays = size.months ? 0n : whole * BigInt(size.days ?? 0);
  const parts = {
    months: size.months ? whole : 0n,
    days: unitDays + BigInt(days),
    micros: (size.days ? 0n : whole * BigInt(size.micros!)) + BigInt(halfUp(micros)),
  };
  const all = (parts.months * BigInt(DAYS_A_MONTH) + parts.days) * BigInt(DAY) + parts.micros;
  if (all !== exact) return { rounded: 'microsecond' };
  return { months: sign * parts.months, days: sign * parts.days, micros: sign * parts.micros };
}

/** More than any interval has, also in microseconds. */
const MOST_DIGITS = 25;

/** Returns digits times a power of ten times a factor if that is a whole number. */
function product(digits: string, exponent: number, factor: bigint): bigint | undefined {
  const scaled = BigInt(digits === '' ? '0' : digits) * factor;
  if (exponent >= 0) return scaled * 10n ** BigInt(exponent);
  // A factor ends in few zeros, so a number with many decimals is no whole one.
  if (exponent < -MOST_DECIMALS) return scaled === 0n ? 0n : undefined;
  const divisor = 10n ** BigInt(-exponent);
  return scaled % divisor === 0n ? scaled / divisor : undefined;
}

/** Digits have no zeros at their end, so they share only 2 or 5 with the power of ten: 60 is more than any factor has. */
const MOST_DECIMALS = 60;

/** Splits a number like PostgreSQL: digits before and after the point apart, or a double (ParseISO8601Number). */
function split(number: string, isDouble: boolean): { whole: bigint; fraction: number } {
  if (isDouble) {
    const whole = Math.trunc(Number(number));
    return { whole: BigInt(whole), fraction: Number(number) - whole };
  }
  const [whole = '', fraction = ''] = number.split('.');
  return { whole: BigInt(whole === '' ? '0' : whole), fraction: Number(`0.${fraction}`) };
}

/** Rounds like AdjustFractMicroseconds. */
function halfUp(micros: number): number {
  const whole = Math.trunc(micros);
  return micros - whole > 0.5 ? whole + 1 : whole;
}
