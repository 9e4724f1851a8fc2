/**
 * Judges literals of geometric types (PostgreSQL manual, section 8.8): their numbers are of float8, which also takes words
 * and hexadecimal digits.
 */
import { floatRule } from './float.js';
import { faultOfParts, type Part, roundingOfParts } from './inside.js';
import { DOUBT, type TypeRule } from './typeRule.js';

/** What may stand between numbers. Arrays of boxes have semicolons, and quotes if they like. */
const BETWEEN = /[\t-\r (),;[\]{}<>"]+/;
const number = floatRule(8);

export const geometryRule: TypeRule = {
  trims: true,
  judge: (value) => faultOfParts(numbersOf(value)),
  rounds: (value) => roundingOfParts(numbersOf(value)),
  write: () => DOUBT,
};

/** A point as PostgreSQL prints it, also without parentheses, and with blanks behind the comma, is written directly. */
export const pointRule: TypeRule = { ...geometryRule, write: writePoint, writesUsual: true };

const SPACE = 0x20;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;

/** The format of point_recv (src/backend/utils/adt/geo_ops.c): two of float8. */
function writePoint(bytes: Uint8Array, start: number, end: number, out: DataView, at: number): number {
  const isOpen = bytes[start] === OPEN;
  if (isOpen !== (bytes[end - 1] === CLOSE)) return DOUBT;
  const [first, last] = isOpen ? [start + 1, end - 1] : [start, end];
  const comma = bytes.indexOf(COMMA, first);
  if (comma <= first || comma >= last) return DOUBT;
  let second = comma + 1;
  while (bytes[second] === SPACE) second++;
  if (second >= last || number.write(bytes, first, comma, out, at) < 0) return DOUBT;
  return number.write(bytes, second, last, out, at + 8);
}

function numbersOf(value: string): Part[] {
  return value
    .split(BETWEEN)
    .filter((text) => text !== '' && !/^null$/i.test(text))
    .map((text) => [number, text]);
}
