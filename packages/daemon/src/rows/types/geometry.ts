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

function numbersOf(value: string): Part[] {
  return value
    .split(BETWEEN)
    .filter((text) => text !== '' && !/^null$/i.test(text))
    .map((text) => [number, text]);
}
