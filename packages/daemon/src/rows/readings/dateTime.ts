/** Reads dates and times by a strptime pattern, and rewrites them in ISO 8601 form. */
import { isBlank } from '../blanks.js';
import { DOUBT, type Fault, isDigit } from '../types/typeRule.js';
import { type DateTimeFormat, type Part, readDateTimeFormat } from './dateTimeFormat.js';
import type { FormReader } from './form.js';

const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
);
const DAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const HALVES = ['am', 'pm'];
const ZONES = ['utc', 'gmt', 'z'];
const SHORT_NAME = 3;
const SPACE = 0x20;
const PLUS = 0x2b;
const HYPHEN = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const ABBREVIATED = { b: MONTHS.map(short), a: DAYS.map(short) };
/** POSIX, strptime: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068. */
const PIVOT = 69;

/** Maximum number of digits. */
const WIDTH: Partial<Record<Part, number>> = {
  Y: 4,
  y: 2,
  m: 2,
  d: 2,
  e: 2,
  j: 3,
  H: 2,
  I: 2,
  M: 2,
  S: 2,
  f: 6,
};

/** The parts found in a text; -1 for parts that it does not have. */
interface Found {
  year: number;
  month: number;
  day: number;
  dayOfYear: number;
  weekday: number;
  hour: number;
  half: number;
  minute: number;
  second: number;
  /** Microseconds. */
  fraction: number;
  /** Minutes east of UTC. */
  offset: number;
}

/** @param zone whether the column has a time zone; if so, a pattern that ends in `Z` means UTC */
export function dateTimeForm(pattern: string, zone: boolean): FormReader {
  const format = readDateTimeFormat(pattern);
  if (typeof format === 'string') throw new TypeError(`${pattern}: ${format}`);
  const found: Found = { ...NOTHING };
  return {
    rewrite(bytes, start, end, out) {
      if (!read(format, bytes, start, end, found) || faultOf(found, format)) return DOUBT;
      return write(found, format, zone, out.makeRoom(LONGEST));
    },
    fault(value) {
      const bytes = Buffer.from(value);
      const code = read(format, bytes, 0, bytes.length, found) ? faultOf(found, format)! : undefined;
      return code
        ? { code, params: { value } }
        : { code: 'not_in_format', params: { value, format: pattern } };
    },
  };
}

const NOTHING: Found = {
  year: -1,
  month: -1,
  day: -1,
  dayOfYear: -1,
  weekday: -1,
  hour: 0,
  half: -1,
  minute: 0,
  second: 0,
  fraction: 0,
  offset: 0,
};
/** `9999-12-31 23:59:59.999999+15:59` */
const LONGEST = 32;

let at = 0;

/** Reads a text by the steps of a pattern; returns false if it does not match. Numbers may be out of range. */
function read(
  { steps }: DateTimeFormat,
  bytes: Uint8Array,
  start: number,
  end: number,
  found: Found,
): boolean {
  // Field by field: this runs for each value, and Object.assign would take as long as everything else.
  found.dayOfYear = NOTHING.dayOfYear;
  found.weekday = NOTHING.weekday;
  found.hour = NOTHING.hour;
  found.half = NOTHING.half;
  found.minute = NOTHING.minute;
  found.second = NOTHING.second;
  found.fraction = NOTHING.fraction;
  found.offset = NOTHING.offset;
  at = start;
  for (const step of steps) {
    if (step.kind === 'literal') {
      const literal = step.bytes;
      for (let each = 0; each < literal.length; each++)
        if (at >= end || bytes[at++] !== literal[each]) return false;
    } else if (step.kind === 'blanks') {
      const from = at;
      while (at < end && isBlank(bytes[at]!)) at++;
      if (at === from) return false;
    } else if (!readPart(step.part, step.fixed, bytes, end, found)) return false;
  }
  return at === end;
}

function readPart(part: Part, fixed: boolean, bytes: Uint8Array, end: number, found: Found): boolean {
  const width = WIDTH[part];
  if (width === undefined) return readName(part, bytes, end, found);
  if (part === 'e') while (at < end && isBlank(bytes[at]!)) at++;
  const from = at;
  let number = 0;
  while (at < end && at - from < width && isDigit(bytes[at])) number = number * 10 + bytes[at++]! - ZERO;
  const count = at - from;
  if (count === 0 || (count < width && (fixed || part === 'Y' || part === 'y'))) return false;
  switch (part) {
    case 'Y':
      found.year = number;
      break;
    case 'y':
      found.year = number + (number < PIVOT ? 2000 : 1900);
      break;
    case 'm':
      found.month = number;
      break;
    case 'd':
    case 'e':
      found.day = number;
      break;
    case 'j':
      found.dayOfYear = number;
      break;
    case 'H':
    case 'I':
      found.hour = number;
      break;
    case 'M':
      found.minute = number;
      break;
    case 'S':
      found.second = number;
      break;
    default:
      found.fraction = number * 10 ** (6 - count);
  }
  return true;
}

function readName(part: Part, bytes: Uint8Array, end: number, found: Found): boolean {
  switch (part) {
    case 'b':
      found.month = oneOf(ABBREVIATED.b, bytes, end) + 1;
      return found.month > 0;
    case 'B':
      found.month = oneOf(MONTHS, bytes, end) + 1;
      return found.month > 0;
    case 'a':
    case 'A':
      found.weekday = oneOf(part === 'a' ? ABBREVIATED.a : DAYS, bytes, end);
      return found.weekday >= 0;
    case 'p':
      found.half = oneOf(HALVES, bytes, end);
      return found.half >= 0;
    case 'Z':
      return oneOf(ZONES, bytes, end) >= 0;
    default:
      return readOffset(bytes, end, found);
  }
}

/**
 * Reads an offset as Python's %z: `Z`, or a sign, hours and minutes, with or without a colon; here also hours alone.
 */
function readOffset(bytes: Uint8Array, end: number, found: Found): boolean {
  const text = Buffer.from(bytes.subarray(at, end)).toString('latin1');
  const match = /^(?:Z|([+-])(\d\d)(?::?(\d\d))?)/.exec(text);
  if (!match) return false;
  const [whole, sign, hours = '0', minutes = '0'] = match;
  // PostgreSQL accepts offsets below 16 hours (MAX_TZDISP_HOUR).
  if (Number(hours) > 15 || Number(minutes) > 59) return false;
  found.offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  at += whole.length;
  return true;
}

/** Returns the index of the name at the current position, in any case; -1 for none. No name starts with another. */
function oneOf(names: readonly string[], bytes: Uint8Array, end: number): number {
  for (let each = 0; each < names.length; each++) {
    const name = names[each]!;
    if (at + name.length > end) continue;
    let same = 0;
    while (same < name.length && (bytes[at + same]! | 0x20) === name.charCodeAt(same)) same++;
    if (same < name.length) continue;
    at += same;
    return each;
  }
  return -1;
}

/** Returns the fault of numbers out of range; sets month, day and hour if they are written in another form. */
function faultOf(
  found: Found,
  { hasDate }: DateTimeFormat,
): Extract<Fault['code'], 'no_such_date' | 'no_such_time'> | undefined {
  const { hour, half, minute, second } = found;
  if (minute > 59 || second > 59 || hour > 23 || (half >= 0 && (hour < 1 || hour > 12)))
    return 'no_such_time';
  if (half >= 0) found.hour = (hour % 12) + 12 * half;
  if (!hasDate) return undefined;
  const { year, dayOfYear, weekday } = found;
  if (year < 1) return 'no_such_date';
  if (dayOfYear >= 0) {
    found.month = 1;
    while (found.month < 12 && dayOfYear > daysBefore(year, found.month + 1)) found.month++;
    found.day = dayOfYear - daysBefore(year, found.month);
  }
  const { month, day } = found;
  if (month < 1 || month > 12 || day < 1 || day > daysBefore(year, month + 1) - daysBefore(year, month))
    return 'no_such_date';
  return weekday >= 0 && weekday !== weekdayOf(year, month, day) ? 'no_such_date' : undefined;
}

const BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/** Returns the number of days of a year before a month (1 to 13). */
function daysBefore(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return BEFORE[month - 1]! + (leap && month > 2 ? 1 : 0);
}

/** Returns the weekday; 0 is Sunday. Uses the proleptic Gregorian calendar, like PostgreSQL. */
function weekdayOf(year: number, month: number, day: number): number {
  const past = year - 1;
  return (
    (past * 365 +
      Math.floor(past / 4) -
      Math.floor(past / 100) +
      Math.floor(past / 400) +
      daysBefore(year, month) +
      day) %
    7
  );
}

/** Writes the parts in ISO form; returns the length. */
function write(found: Found, format: DateTimeFormat, zone: boolean, out: Uint8Array): number {
  let to = 0;
  if (format.hasDate) {
    to = writeNumber(out, to, found.year, 4);
    out[to++] = HYPHEN;
    to = writeNumber(out, to, found.month, 2);
    out[to++] = HYPHEN;
    to = writeNumber(out, to, found.day, 2);
  }
  if (!format.hasTime) return to;
  if (format.hasDate) out[to++] = SPACE;
  to = writeNumber(out, to, found.hour, 2);
  out[to++] = COLON;
  to = writeNumber(out, to, found.minute, 2);
  out[to++] = COLON;
  to = writeNumber(out, to, found.second, 2);
  if (found.fraction > 0) {
    out[to++] = DOT;
    to = writeNumber(out, to, found.fraction, 6);
    while (out[to - 1] === ZERO) to--;
  }
  if (format.zone === 'read' || (format.zone === 'utc' && zone)) {
    out[to++] = found.offset < 0 ? HYPHEN : PLUS;
    const offset = Math.abs(found.offset);
    to = writeNumber(out, to, Math.floor(offset / 60), 2);
    out[to++] = COLON;
    to = writeNumber(out, to, offset % 60, 2);
  }
  return to;
}

function writeNumber(out: Uint8Array, at: number, value: number, width: number): number {
  let left = value;
  for (let each = at + width - 1; each >= at; each--) {
    const tenth = Math.floor(left / 10);
    out[each] = ZERO + left - tenth * 10;
    left = tenth;
  }
  return at + width;
}

function short(name: string): string {
  return name.slice(0, SHORT_NAME);
}
