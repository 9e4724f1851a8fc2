/**
 * The rule of intervals. It writes whole numbers of units, from the largest to the smallest, as in `1 day 02:30:00` and
 * `P1DT2H`. PostgreSQL reads the others, if it would store what they say (intervalFields.ts).
 */
import { faultOfInterval } from './intervalFields.js';
import { SECOND_DIGITS, tooManyDecimals } from './secondDecimals.js';
import { shortText } from './shortText.js';
import { DOUBT, type TypeRule } from './typeRule.js';

/** Decimals of seconds: of `01:02:03.5`, of the unit `s` or `sec`, or of a number without a unit. */
const SECONDS = /\.(\d+)(?=\s*(?:s[a-z]*\b|ago\b|$))/gi;

export function intervalRule(typmod: number): TypeRule {
  return {
    trims: true,
    judge: (value) =>
      tooManyDecimals(value, SECONDS, Math.min(SECOND_DIGITS, typmod & 0xffff)) ??
      faultOfInterval(value, typmod),
    // PostgreSQL cuts values to the fields and the precision of the type.
    ...(typmod < 0 ? { write, writesUsual: true } : { write: () => DOUBT }),
  };
}

/** With six digits at most, any sum fits. */
const NUMBER = String.raw`(\d{1,6})`;
const unit = (name: string) => `(?:${NUMBER} (?:${name})s?(?: |$))?`;
const WRITTEN = new RegExp(
  `^${['year|yr', 'month|mon', 'week', 'day'].map(unit).join('')}` +
    `(?:${['hour|hr', 'minute|min', 'second|sec'].map(unit).join('')}` +
    String.raw`|${NUMBER}:([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?)$`,
);
const iso = (letter: string) => `(?:${NUMBER}${letter})?`;
const ISO = new RegExp(
  `^P(?=.)${['Y', 'M', 'D'].map(iso).join('')}(?:T(?=.)${['H', 'M', 'S'].map(iso).join('')})?$`,
);
const LONGEST = 64;

/** The format of interval_recv (src/backend/utils/adt/timestamp.c): microseconds, days and months. */
function write(bytes: Uint8Array, start: number, end: number, out: DataView, at: number): number {
  if (start === end || end - start > LONGEST) return DOUBT;
  const [years, months, weeks, days, hours, minutes, seconds, micros] =
    amounts(shortText(bytes, start, end)) ?? [];
  if (years === undefined) return DOUBT;
  const time = ((hours! * 60 + minutes!) * 60 + seconds!) * 1e6 + micros!;
  out.setInt32(at, Math.floor(time / 2 ** 32));
  out.setUint32(at + 4, time % 2 ** 32);
  out.setInt32(at + 8, weeks! * 7 + days!);
  out.setInt32(at + 12, years * 12 + months!);
  return at + 16;
}

function amounts(text: string): number[] | undefined {
  const written = WRITTEN.exec(text);
  if (written) {
    const [year, month, week, day, hour, minute, second, hours, minutes, seconds, decimals] =
      written.slice(1);
    const time = [hour ?? hours, minute ?? minutes, second ?? seconds, decimals?.padEnd(SECOND_DIGITS, '0')];
    return [year, month, week, day, ...time].map((number) => Number(number ?? 0));
  }
  const [year, month, day, ...time] = ISO.exec(text)?.slice(1) ?? [];
  return time.length === 0
    ? undefined
    : [year, month, '0', day, ...time, '0'].map((number) => Number(number ?? 0));
}
