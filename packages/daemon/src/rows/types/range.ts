/**
 * Judges literals of ranges and multiranges (PostgreSQL manual, section 8.17.5). PostgreSQL reads them, but a bound that it
 * would round or guess is refused, like a single value.
 */
import { trimmed } from '../blanks.js';
import { faultOfParts, type Part, roundingOfParts } from './inside.js';
import { quotedPart } from './quotedPart.js';
import { type BoundKind, rangeWriter } from './rangeBinary.js';
import { DOUBT, type TypeRule } from './typeRule.js';

const INFINITE = /^[+-]?inf(?:inity)?$/i;

/**
 * @param bound the rule of both bounds. Malformed literals are left to PostgreSQL, and bounds that are infinite.
 * @param kind how to compare bounds, for a range whose usual values are written directly
 */
export function rangeRule(bound: TypeRule, kind?: BoundKind): TypeRule {
  const partsOf = (value: string) =>
    boundsOf(value)
      .filter((text) => !INFINITE.test(bound.trims ? trimmed(text) : text))
      .map((text): Part => [bound, text]);
  return {
    trims: true,
    judge: (value) => faultOfParts(partsOf(value)),
    rounds: bound.rounds && ((value) => roundingOfParts(partsOf(value))),
    write: () => DOUBT,
    ...(kind && rangeWriter(bound, kind)),
  };
}

/** Returns the bounds of a range, or of all ranges of a multirange; none if the literal is malformed. */
function boundsOf(value: string): string[] {
  const literal = trimmed(value);
  const bounds: string[] = [];
  for (let at = 0; at < literal.length; at++) {
    // Between ranges there are braces, commas, blanks and `empty`.
    if (literal[at] !== '[' && literal[at] !== '(') continue;
    const lower = quotedPart(literal, at + 1, ',])');
    const upper = lower && quotedPart(literal, lower.end + 1, ',])');
    if (!upper) return [];
    bounds.push(...[lower.text, upper.text].filter((text) => text !== undefined));
    at = upper.end;
  }
  return bounds;
}
