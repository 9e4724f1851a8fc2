/**
 * Finds the kind of a value. The rule of a type, which a load also uses, decides whether the type accepts a value: its
 * fast `write`, or `judge` if that is not certain. The additional checks here preserve values as they are written.
 */
import { localBoolean } from '@csvjobs/shared';
import { booleanRule } from '../types/boolean.js';
import { dateRule, timeRule, timestampRule } from '../types/dateTime.js';
import { decimalOf } from '../types/decimal.js';
import { floatRule } from '../types/float.js';
import { bigintRule, integerRule } from '../types/integer.js';
import { numericRule } from '../types/numeric.js';
import { DOUBT, isDigit, type TypeRule } from '../types/typeRule.js';
import { uuidRule } from '../types/uuid.js';
import { isJsonbValue } from './jsonValue.js';
import {
  CODE,
  DATE,
  DECIMAL,
  FALSE_SHORT,
  FALSE_WORD,
  FLOAT,
  INT4,
  INT8,
  JSON_VALUE,
  LOCAL_DATE,
  LOCAL_FALSE,
  LOCAL_NUMBER,
  LOCAL_TRUE,
  LONG_DECIMAL,
  LONG_FLOAT,
  OTHER,
  POINT_NUMBER,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  TRUE_SHORT,
  TRUE_WORD,
  UUID,
} from './kinds.js';

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;
const E = 0x65;
/** This bit makes an uppercase letter lowercase. */
const LOWER_CASE = 0x20;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/** A number with this many digits or more is an ID: 2^53 has 16, spreadsheets keep 15, and no one adds them up. */
const ID_DIGITS = 15;
/** Maximum length of a number, a date or a word, in bytes. */
const LONGEST = 200;
/** Maximum length of a local date or number, in bytes: a date with time and zone, or a large number. */
const LONGEST_LOCAL = 40;
const UUID_LENGTH = 36;
const DATE_LENGTH = 10;
/** Length of the shortest time, 10:20. */
const TIME_LENGTH = 5;
const LONGEST_BOOLEAN = 5;
/** Booleans with at least this many letters are `true` and `false`; all others are shorter. */
const FULL_WORD = 4;

const int4Rule = integerRule(4);
const anyNumericRule = numericRule(-1);
const float8Rule = floatRule(8);
const anyTimeRule = timeRule(-1);
const anyTimestampRule = timestampRule(-1, false);
const anyTimestamptzRule = timestampRule(-1, true);

/** Memory for the rules' output; enough for any value of LONGEST bytes. */
const out = new DataView(new ArrayBuffer(1024));

function takes(rule: TypeRule, bytes: Uint8Array, start: number, end: number): boolean {
  return rule.write(bytes, start, end, out, 0) !== DOUBT;
}

/**
 * Returns the kind of a non-empty value without blanks around it; OTHER also for values that `localKindOf` recognizes.
 */
export function kindOf(bytes: Buffer, start: number, end: number): number {
  const first = bytes[start]!;
  if (first === BRACE || first === BRACKET)
    return isJsonbValue(bytes.toString('utf8', start, end)) ? JSON_VALUE : OTHER;
  const length = end - start;
  if (length > LONGEST) return OTHER;
  if (length === UUID_LENGTH && bytes[start + 8] === MINUS)
    return takes(uuidRule, bytes, start, end) ? UUID : OTHER;
  if (isDigit(first)) {
    // The first hyphen is not enough: 1.5e-01 has one in the same place.
    if (length >= DATE_LENGTH && bytes[start + 4] === MINUS && bytes[start + 7] === MINUS)
      return kindOfDate(bytes, start, end);
    if (length >= TIME_LENGTH && bytes[start + 2] === COLON)
      return takes(anyTimeRule, bytes, start, end) ? TIME : OTHER;
    return kindOfNumber(bytes, start, end);
  }
  if (first === MINUS || first === DOT || first === PLUS) return kindOfNumber(bytes, start, end);
  return length <= LONGEST_BOOLEAN ? kindOfWord(bytes, start, end) : OTHER;
}

function kindOfDate(bytes: Uint8Array, start: number, end: number): number {
  if (end - start === DATE_LENGTH) return takes(dateRule, bytes, start, end) ? DATE : OTHER;
  if (takes(anyTimestampRule, bytes, start, end)) return TIMESTAMP;
  return takes(anyTimestamptzRule, bytes, start, end) ? TIMESTAMPTZ : OTHER;
}

function kindOfWord(bytes: Uint8Array, start: number, end: number): number {
  if (!takes(booleanRule, bytes, start, end)) return OTHER;
  const full = end - start >= FULL_WORD;
  if (out.getUint8(0) === 1) return full ? TRUE_WORD : TRUE_SHORT;
  return full ? FALSE_WORD : FALSE_SHORT;
}

function kindOfNumber(bytes: Buffer, start: number, end: number): number {
  const first = bytes[start]!;
  const from = first === MINUS || first === PLUS ? start + 1 : start;
  let point = from;
  while (point < end && isDigit(bytes[point])) point++;
  const whole = point === end;
  if (whole && point === from) return OTHER;
  const leadingZero = bytes[from] === ZERO && point > from + 1;
  if (first === PLUS || leadingZero || (whole && end - from >= ID_DIGITS))
    return takes(anyNumericRule, bytes, start, end) ? CODE : OTHER;
  if (whole) {
    // -0 would lose its sign.
    if (first === MINUS && bytes[from] === ZERO) return DECIMAL;
    if (takes(int4Rule, bytes, start, end)) return INT4;
    return takes(bigintRule, bytes, start, end) ? INT8 : OTHER;
  }
  const next = bytes[point]! | LOWER_CASE;
  if (bytes[point] !== DOT && next !== E) return OTHER;
  if (takes(anyNumericRule, bytes, start, end)) {
    if (mayBeGrouped(bytes, from, point, end)) return POINT_NUMBER;
    return takes(float8Rule, bytes, start, end) ? DECIMAL : LONG_DECIMAL;
  }
  return kindOfFloat(bytes.toString('utf8', start, end));
}

/** @param point after one to three digits of a group, and before three digits to the end */
function mayBeGrouped(bytes: Uint8Array, from: number, point: number, end: number): boolean {
  if (bytes[point] !== DOT || end - point !== 4 || bytes[from] === ZERO) return false;
  if (point === from || point - from > 3) return false;
  return isDigit(bytes[point + 1]) && isDigit(bytes[point + 2]) && isDigit(bytes[point + 3]);
}

/**
 * Returns the kind of a number with an exponent. Only digits, an E and digits (`1E5`) may also be a code, so a point or
 * a sign of the exponent is required, which programs write (C `1.000000e+05`, Python `1e-05`, Java `1.0E10`).
 */
function kindOfFloat(text: string): number {
  if (!/^-?\d*\.?\d*e[+-]?\d+$/i.test(text) || !/[.]|e[+-]/i.test(text)) return OTHER;
  if (anyNumericRule.judge(text)) return OTHER;
  if (float8Rule.judge(text)) return LONG_FLOAT;
  const written = decimalOf(text);
  const kept = decimalOf(String(Number(text)));
  const same =
    written?.digits === kept?.digits && (written?.digits === '' || written?.exponent === kept?.exponent);
  return same ? FLOAT : LONG_FLOAT;
}

/** A decimal comma with any group separators before it, groups of three with commas, or several with points. */
const LOCAL_NUMBERS =
  /^-?(?:\d+(?:[. '’\u00a0\u202f]\d{3})*,\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?|[1-9]\d{0,2}(?:\.\d{3}){2,})$/;

/**
 * Returns the kind of a value that no type accepts unchanged, but that a spec can declare how to read; otherwise OTHER.
 */
export function localKindOf(bytes: Buffer, start: number, end: number): number {
  const first = bytes[start]!;
  if (end - start > LONGEST_LOCAL) return OTHER;
  const text = bytes.toString('utf8', start, end);
  if (!isDigit(first) && first !== MINUS) {
    const word = localBoolean(text);
    return word === undefined ? OTHER : word ? LOCAL_TRUE : LOCAL_FALSE;
  }
  if (dateRule.judge(text)?.code === 'date_format_unknown') return LOCAL_DATE;
  return LOCAL_NUMBERS.test(text) ? LOCAL_NUMBER : OTHER;
}
