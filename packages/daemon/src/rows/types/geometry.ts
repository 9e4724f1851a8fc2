/**
 * Judges literals of geometric types (PostgreSQL manual, section 8.8): their numbers are of float8, which also takes words
 * and hexadecimal digits.
 */
import { floatRule } from './float.js';
import { inside } from './inside.js';
import { DOUBT, type Fault, type TypeRule } from './typeRule.js';

/** What may stand between numbers. Arrays of boxes have semicolons, and quotes if they like. */
const BETWEEN = /[\t-\r (),;[\]{}<>"]+/;
const number = floatRule(8);

export const geometryRule: TypeRule = {
  trims: true,
  judge: (value) =>
    value
      .split(BETWEEN)
      .filter((text) => text !== '' && !/^null$/i.test(text))
      .map((text) => inside(number.judge(text)))
      .find((fault): fault is Fault => fault !== undefined),
  write: () => DOUBT,
};
