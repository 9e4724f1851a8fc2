/**
 * Intervals whose type keeps only some fields, such as `interval hour to minute`: PostgreSQL drops what is smaller than the
 * last of them without a word (manual, section 8.5.4).
 */
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

type Unit = 'second' | 'minute' | 'hour' | 'day' | 'month' | 'year';

/** An interval as PostgreSQL stores it. Signs do not matter here, as long as they are those of its parts. */
interface Parts {
  months: number;
  days: number;
  seconds: number;
}

const HOUR = 3_600;
const DAY = 86_400;
const DAYS_A_MONTH = 30;

/** Returns the fault of a text that has something smaller than the last field of the type. */
export function faultOfFields(value: string, typmod: number): Fault | undefined {
  const range = (typmod >> 16) & ALL_FIELDS;
  const last = FIELDS.find(([bit]) => range & bit)?.[1];
  if (typmod < 0 || range === ALL_FIELDS || last === undefined || last === 'second') return undefined;
  const parts = partsOf(value.toLowerCase(), last);
  return parts && isCut(parts, last)
    ? { code: 'would_be_rounded', params: { value, unit: `1 ${last}` } }
    : undefined;
}

function isCut({ months, days, seconds }: Parts, last: Unit): boolean {
  if (last === 'minute') return seconds % 60 !== 0;
  if (last === 'hour') return seconds % HOUR !== 0;
  if (last === 'day') return seconds !== 0;
  return seconds !== 0 || days !== 0 || (last === 'year' && months % 12 !== 0);
}

const TOKEN =
  /([+-]?)(\d+):(\d+)(?::(\d+(?:\.\d*)?))?|([+-]?)(\d+)-(\d+)|([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*([a-z]*)|(ago\b|[\s@,]+)/gy;

/** Undefined for a text in another form, of which PostgreSQL decides what it means. */
function partsOf(text: string, bare: Unit): Parts | undefined {
  const parts: Parts = { months: 0, days: 0, seconds: 0 };
  if (/^\s*[+-]?p/.test(text)) return isoParts(text.trim(), parts);
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) return undefined;
    const [, sign, hours, minutes, seconds = '0', yearSign, years, months, amount, unit] = match;
    if (hours !== undefined)
      parts.seconds += Number(`${sign}1`) * (Number(hours) * HOUR + Number(minutes) * 60 + Number(seconds));
    else if (years !== undefined)
      parts.months += Number(`${yearSign}1`) * (Number(years) * 12 + Number(months));
    else if (amount !== undefined && !add(parts, Number(amount), unit === '' ? bare : unit!))
      return undefined;
  }
  return parts;
}

const UNITS: readonly (readonly [RegExp, (parts: Parts, amount: number) => void])[] = [
  [/^(us|usecs?|microseconds?)$/, (parts, amount) => addSeconds(parts, amount / 1e6)],
  [/^(ms|msecs?|milliseconds?)$/, (parts, amount) => addSeconds(parts, amount / 1e3)],
  [/^(s|secs?|seconds?)$/, addSeconds],
  [/^(m|mins?|minutes?)$/, (parts, amount) => addSeconds(parts, amount * 60)],
  [/^(h|hrs?|hours?)$/, (parts, amount) => addSeconds(parts, amount * HOUR)],
  [/^(d|days?)$/, addDays],
  [/^(w|weeks?)$/, (parts, amount) => addDays(parts, amount * 7)],
  [/^(mons?|months?)$/, addMonths],
  [/^(y|yrs?|years?)$/, (parts, amount) => addMonths(parts, Math.round(amount * 12))],
];

function add(parts: Parts, amount: number, unit: string): boolean {
  const found = UNITS.find(([names]) => names.test(unit));
  found?.[1](parts, amount);
  return found !== undefined;
}

function addSeconds(parts: Parts, amount: number): void {
  // To the microsecond, so that a part of a number is not taken for one of a second.
  parts.seconds = Math.round((parts.seconds + amount) * 1e6) / 1e6;
}

function addDays(parts: Parts, amount: number): void {
  parts.days += Math.trunc(amount);
  addSeconds(parts, (amount % 1) * DAY);
}

function addMonths(parts: Parts, amount: number): void {
  parts.months += Math.trunc(amount);
  addDays(parts, Math.round((amount % 1) * DAYS_A_MONTH * 1e9) / 1e9);
}

/** Of `P1Y2M3DT4H5M6S`; before the T, M means months. */
function isoParts(text: string, parts: Parts): Parts | undefined {
  const [, date = '', time = ''] = /^[+-]?p([^t]*)(?:t(.*))?$/.exec(text) ?? [];
  const read = (part: string, units: string) => {
    if (!/^(?:[+-]?\d+(?:\.\d*)?[a-z])*$/.test(part)) return false;
    return [...part.matchAll(/([+-]?\d+(?:\.\d*)?)([a-z])/g)].every(
      ([, amount, unit]) =>
        units.includes(unit!) && add(parts, Number(amount), unit === 'm' && units !== 'hms' ? 'mon' : unit!),
    );
  };
  return read(date, 'ymwd') && read(time, 'hms') ? parts : undefined;
}
