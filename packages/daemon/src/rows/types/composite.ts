/**
 * Judges literals of composite types (PostgreSQL manual, section 8.16.6). PostgreSQL reads them, but an attribute that it
 * would round or guess is refused, like a single value.
 */
import { trimmed } from '../blanks.js';
import { inside } from './inside.js';
import { DOUBT, type Fault, type TypeRule } from './typeRule.js';

/** @param rules those of the attributes in order; undefined for one that only PostgreSQL can judge */
export function compositeRule(rules: readonly (TypeRule | undefined)[]): TypeRule {
  return {
    trims: true,
    judge(value) {
      const texts = attributesOf(value);
      // PostgreSQL says what is wrong with a malformed literal.
      if (texts?.length !== rules.length) return undefined;
      return texts
        .map((text, at) => {
          const rule = rules[at];
          return text === undefined || !rule
            ? undefined
            : inside(rule.judge(rule.trims ? trimmed(text) : text));
        })
        .find((fault): fault is Fault => fault !== undefined);
    },
    write: () => DOUBT,
  };
}

/** Text with or without quotes, up to a comma or the end. Blanks belong to it. */
const ATTRIBUTE = /((?:"(?:[^"\\]|\\.|"")*"|[^"\\,()]|\\.)*)([,)])/gsy;

/** Returns the texts of a literal's attributes, undefined for NULL; undefined if the literal is malformed. */
function attributesOf(value: string): (string | undefined)[] | undefined {
  if (!value.startsWith('(')) return undefined;
  const texts: (string | undefined)[] = [];
  ATTRIBUTE.lastIndex = 1;
  for (let match = ATTRIBUTE.exec(value); match; match = ATTRIBUTE.exec(value)) {
    const [, text = '', end] = match;
    texts.push(text === '' ? undefined : unquoted(text));
    if (end === ')') return ATTRIBUTE.lastIndex === value.length ? texts : undefined;
  }
  return undefined;
}

/** Two quotes within quotes are one; a backslash stands before a character that means itself. */
function unquoted(text: string): string {
  return text.replace(
    /\\(.)|""(?!$)|"/gs,
    (token, escaped: string | undefined) => escaped ?? (token === '""' ? '"' : ''),
  );
}
