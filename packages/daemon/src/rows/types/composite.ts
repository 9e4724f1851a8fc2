/**
 * Judges literals of composite types (PostgreSQL manual, section 8.16.6). PostgreSQL reads them, but an attribute that it
 * would round or guess is refused, like a single value.
 */
import { faultOfParts, type Part, roundingOfParts } from './inside.js';
import { quotedPart } from './quotedPart.js';
import { DOUBT, type TypeRule } from './typeRule.js';

/** @param rules those of the attributes in order; undefined for one that only PostgreSQL can judge */
export function compositeRule(rules: readonly (TypeRule | undefined)[]): TypeRule {
  const partsOf = (value: string): Part[] => {
    const texts = attributesOf(value);
    // PostgreSQL says what is wrong with a malformed literal.
    if (texts?.length !== rules.length) return [];
    return texts.flatMap((text, at): Part[] => {
      const rule = rules[at];
      return text === undefined || !rule ? [] : [[rule, text]];
    });
  };
  return {
    trims: true,
    judge: (value) => faultOfParts(partsOf(value)),
    rounds: (value) => roundingOfParts(partsOf(value)),
    write: () => DOUBT,
  };
}

/** Returns the texts of a literal's attributes, undefined for NULL; undefined if the literal is malformed. */
function attributesOf(value: string): (string | undefined)[] | undefined {
  if (!value.startsWith('(')) return undefined;
  const texts: (string | undefined)[] = [];
  for (let at = 1; ; ) {
    const part = quotedPart(value, at, ',)');
    if (!part) return undefined;
    texts.push(part.text);
    at = part.end + 1;
    if (value[part.end] === ')') return at === value.length ? texts : undefined;
  }
}
