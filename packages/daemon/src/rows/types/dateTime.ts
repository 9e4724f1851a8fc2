/**
 * The rules of date, time, timestamp and timestamptz, in ISO 8601 form only: `2024-02-29`, `13:45`, `13:45:10.25`, both
 * with `T` or a space between them, and `Z` or `+01:00` if the type has a zone. Values that depend on DateStyle, or on
 * a time zone that the file does not name, are in doubt.
 */
import { judgeDate, judgeTime, judgeTimestamp } from './dateTimeJudge.js';
import { DATE, TIMESTAMP, TIMESTAMPTZ } from './kernelKinds.js';
import { DOUBT, digits, isDigit, type TypeRule } from './typeRule.js';

const HYPHEN = 0x2d;
const PLUS = 0x2b;
const COLON = 0x3a;
const DOT = 0x2e;
const SPACE = 0x20;
const T = 0x54;
const Z = 0x5a;

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Days before each month, in a year that is not a leap year. */
const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
/** Days from 0001-01-01 to 2000-01-01, where PostgreSQL starts counting. */
const EPOCH_DAYS = 730_119;
const MICROS_A_SECOND = 1_000_000;
const MOST_DECIMALS = 6;
const SECONDS_A_DAY = 86_400;

/** Reads the ten bytes `YYYY-MM-DD`, years 0001 to 9999, as days since 2000-01-01; NaN for anything else. */
function isoDays(bytes: Uint8Array, start: number): number {
  const year = digits(bytes, start, start + 4);
  const month = digits(bytes, start + 5, start + 7);
  const day = digits(bytes, start + 8, start + 10);
  if (bytes[start + 4] !== HYPHEN || bytes[start + 7] !== HYPHEN) return Number.NaN;
  if (year < 1 || month < 1 || month > 12 || day < 1) return Number.NaN;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > MONTH_DAYS[month - 1]! + (leap && month === 2 ? 1 : 0)) return Number.NaN;
  const past = year - 1;
  const years =
    past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - EPOCH_DAYS;
  return years + DAYS_BEFORE[month - 1]! + (leap && month > 2 ? 1 : 0) + day - 1;
}

/** The result of `isoTime`, in microseconds, which PostgreSQL stores. */
const time = { micros: 0, end: 0 };

/**
 * Reads `HH:MM`, `HH:MM:SS` or `HH:MM:SS.ffffff` (at most `scale` decimals) into `time`; returns false for anything
 * else. 24:00 and second 60 are in doubt, because they mean the next day or minute to PostgreSQL.
 */
function isoTime(bytes: Uint8Array, start: number, end: number, scale: number): boolean {
  if (end - start < 5 || bytes[start + 2] !== COLON) return false;
  const hours = digits(bytes, start, start + 2);
  const minutes = digits(bytes, start + 3, start + 5);
  if (hours === DOUBT || hours > 23 || minutes === DOUBT || minutes > 59) return false;
  let seconds = 0;
  let fraction = 0;
  let at = start + 5;
  if (at < end && bytes[at] === COLON) {
    if (end - at < 3) return false;
    seconds = digits(bytes, at + 1, at + 3);
    if (seconds === DOUBT || seconds > 59) return false;
    at += 3;
    if (at < end && bytes[at] === DOT) {
      const first = ++at;
      while (at < end && isDigit(bytes[at])) at++;
      const count = at - first;
      if (count === 0 || count > scale) return false;
      fraction = digits(bytes, first, at) * 10 ** (6 - count);
    }
  }
  time.micros = ((hours * 60 + minutes) * 60 + seconds) * MICROS_A_SECOND + fraction;
  time.end = at;
  return true;
}

/** The result of `isoLocal`: days since 2000-01-01, and microseconds of the day. */
export const local = { days: 0, micros: 0 };

/**
 * Reads a timestamp without an offset into `local`: `2024-02-29 13:45`, optional seconds and decimals; otherwise false.
 */
export function isoLocal(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 16 || (bytes[start + 10] !== SPACE && bytes[start + 10] !== T)) return false;
  const days = isoDays(bytes, start);
  if (Number.isNaN(days) || !isoTime(bytes, start + 11, end, MOST_DECIMALS) || time.end !== end) return false;
  local.days = days;
  local.micros = time.micros;
  return true;
}

/** Reads `Z`, `+01`, `+01:30` or `+0130`, which must end at `end`, as seconds east of UTC; NaN for anything else. */
function isoZone(bytes: Uint8Array, start: number, end: number): number {
  const sign = bytes[start];
  if (sign === Z) return start + 1 === end ? 0 : Number.NaN;
  if (sign !== PLUS && sign !== HYPHEN) return Number.NaN;
  if (end < start + 3) return Number.NaN;
  const hours = digits(bytes, start + 1, start + 3);
  const from = end > start + 3 && bytes[start + 3] === COLON ? start + 4 : start + 3;
  const minutes = end === start + 3 ? 0 : end === from + 2 ? digits(bytes, from, end) : DOUBT;
  // PostgreSQL accepts offsets below 16 hours (MAX_TZDISP_HOUR).
  if (hours === DOUBT || hours > 15 || minutes === DOUBT || minutes > 59) return Number.NaN;
  return (sign === HYPHEN ? -1 : 1) * (hours * 60 + minutes) * 60;
}

/** The typmod of these types is the number of decimals of a second; -1 means all six. */
const decimalsOf = (typmod: number) => (typmod < 0 ? MOST_DECIMALS : typmod);

export const dateRule: TypeRule = {
  trims: true,
  kernel: { kind: DATE },
  judge: judgeDate,
  write(bytes, start, end, out, at) {
    if (end - start !== 10) return DOUBT;
    const days = isoDays(bytes, start);
    if (Number.isNaN(days)) return DOUBT;
    out.setInt32(at, days);
    return at + 4;
  },
};

export function timeRule(typmod: number): TypeRule {
  const scale = decimalsOf(typmod);
  return {
    trims: true,
    judge: (text) => judgeTime(text, scale),
    write(bytes, start, end, out, at) {
      if (!isoTime(bytes, start, end, scale) || time.end !== end) return DOUBT;
      return writeMicros(0, time.micros, out, at);
    },
  };
}

/** @param zone whether the type has a time zone; if so, the value must name one, otherwise it must not */
export function timestampRule(typmod: number, zone: boolean): TypeRule {
  const scale = decimalsOf(typmod);
  return {
    trims: true,
    kernel: { kind: zone ? TIMESTAMPTZ : TIMESTAMP, scale },
    judge: (text) => judgeTimestamp(text, scale, zone),
    write(bytes, start, end, out, at) {
      if (end - start < 16) return DOUBT;
      const between = bytes[start + 10];
      if (between !== SPACE && between !== T) return DOUBT;
      const days = isoDays(bytes, start);
      if (Number.isNaN(days) || !isoTime(bytes, start + 11, end, scale)) return DOUBT;
      if (!zone) return time.end === end ? writeMicros(days, time.micros, out, at) : DOUBT;
      const offset = time.end < end ? isoZone(bytes, time.end, end) : Number.NaN;
      if (Number.isNaN(offset)) return DOUBT;
      return writeMicros(days, time.micros - offset * MICROS_A_SECOND, out, at);
    },
  };
}

/**
 * Writes days and microseconds of a day as one 64-bit number. Splits the days so that each product stays below 2^53: a
 * double can hold microseconds only up to the year 2285, and a BigInt costs an allocation.
 */
function writeMicros(days: number, micros: number, out: DataView, at: number): number {
  // total = days × 86,400 × 10^6 + micros = upper × 2^16 + lower, then once more by 2^16.
  const upper = days * (SECONDS_A_DAY * MICROS_A_SECOND) * 2 ** -16;
  const high = Math.floor(upper * 2 ** -16);
  const low = (upper - high * 2 ** 16) * 2 ** 16 + micros;
  const carry = Math.floor(low / 2 ** 32);
  out.setInt32(at, high + carry);
  out.setUint32(at + 4, low - carry * 2 ** 32);
  return at + 8;
}
