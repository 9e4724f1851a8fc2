// Dates and times in ISO 8601 form: the rules of src/rows/types/dateTime.ts.
import { digits, number } from './integer';

const HYPHEN: u32 = 0x2d;
const PLUS: u32 = 0x2b;
const COLON: u32 = 0x3a;
const DOT: u32 = 0x2e;
const ZERO: u32 = 0x30;
const SPACE: u32 = 0x20;
const T: u32 = 0x54;
const Z: u32 = 0x5a;

const MONTH_DAYS = memory.data<u32>([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
const DAYS_BEFORE = memory.data<u32>([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]);
const TENS = memory.data<u32>([1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]);
/** Days from 0001-01-01 to 2000-01-01, where PostgreSQL starts counting. */
const EPOCH_DAYS = 730_119;
const MICROS_A_SECOND: i64 = 1_000_000;
const MICROS_A_DAY: i64 = 86_400_000_000;
const MICROS_DIGITS: u32 = 6;

/** The results of `isoDays`, and of `isoTimestamp`. */
export let days: i32 = 0;
export let micros: i64 = 0;

function byte(at: u32): u32 {
  return load<u8>(at);
}

/** Reads two digits; more than 99 if there are others. */
function two(at: u32): u32 {
  const tens = byte(at) - ZERO;
  const ones = byte(at + 1) - ZERO;
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

/** Reads the ten bytes `YYYY-MM-DD`, years 0001 to 9999, into `days`, counted from 2000-01-01. */
export function isoDays(at: u32): bool {
  const century = two(at);
  const yearOfCentury = two(at + 2);
  const month = two(at + 5);
  const day = two(at + 8);
  if (byte(at + 4) !== HYPHEN || byte(at + 7) !== HYPHEN) return false;
  if (century > 99 || yearOfCentury > 99 || month - 1 > 11 || day - 1 > 30) return false;
  const year = <i32>(century * 100 + yearOfCentury);
  if (year < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > load<u32>(MONTH_DAYS + ((month - 1) << 2)) + (leap && month === 2 ? 1 : 0)) return false;
  const past = year - 1;
  const before = past * 365 + past / 4 - past / 100 + past / 400 - EPOCH_DAYS;
  const inYear = load<u32>(DAYS_BEFORE + ((month - 1) << 2)) + (leap && month > 2 ? 1 : 0) + day - 1;
  days = before + <i32>inYear;
  return true;
}

/** Reads a date, `T` or a blank, and a time into `micros` since 2000-01-01; with `zone` also an offset, which must follow. */
export function isoTimestamp(start: u32, end: u32, scale: u32, zone: bool): bool {
  if (end - start < 16) return false;
  const between = byte(start + 10);
  if ((between !== SPACE && between !== T) || !isoDays(start)) return false;
  const hours = two(start + 11);
  const minutes = two(start + 14);
  if (byte(start + 13) !== COLON || hours > 23 || minutes > 59) return false;
  let seconds: u32 = 0;
  let fraction: i64 = 0;
  let at = start + 16;
  if (at < end && byte(at) === COLON) {
    if (end - at < 3) return false;
    seconds = two(at + 1);
    if (seconds > 59) return false;
    at += 3;
    if (at < end && byte(at) === DOT) {
      const first = ++at;
      while (at < end && byte(at) - ZERO <= 9) at++;
      const count = at - first;
      if (count === 0 || count > scale || !digits(first, at)) return false;
      fraction = number * load<u32>(TENS + ((MICROS_DIGITS - count) << 2));
    }
  }
  const ofDay = <i64>((hours * 60 + minutes) * 60 + seconds) * MICROS_A_SECOND + fraction;
  micros = <i64>days * MICROS_A_DAY + ofDay;
  return zone ? isoZone(at, end) : at === end;
}

/** Reads `Z`, `+01`, `+01:30` or `+0130`, and subtracts it from `micros`. */
function isoZone(start: u32, end: u32): bool {
  if (start >= end) return false;
  const sign = byte(start);
  if (sign === Z) return start + 1 === end;
  if ((sign !== PLUS && sign !== HYPHEN) || end < start + 3) return false;
  const hours = two(start + 1);
  let minutes: u32 = 0;
  if (end !== start + 3) {
    const from = byte(start + 3) === COLON ? start + 4 : start + 3;
    if (end !== from + 2) return false;
    minutes = two(from);
  }
  // PostgreSQL accepts offsets below 16 hours (MAX_TZDISP_HOUR).
  if (hours > 15 || minutes > 59) return false;
  const offset = <i64>((hours * 60 + minutes) * 60) * MICROS_A_SECOND;
  micros += sign === HYPHEN ? offset : -offset;
  return true;
}
