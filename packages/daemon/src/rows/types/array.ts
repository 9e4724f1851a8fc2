/**
 * Judges literals of arrays whose items have a rule (PostgreSQL manual, section 8.15.6). An item that PostgreSQL would round or
 * guess is refused, like a single value. Usual arrays are written directly (arrayBinary.ts), PostgreSQL reads the others.
 */
import { trimmed } from '../blanks.js';
import { arrayWriter } from './arrayBinary.js';
import { faultOfParts, type Part, roundingOfParts } from './inside.js';
import { DOUBT, type TypeRule } from './typeRule.js';

/** @param name of the items' type in pg_type; undefined for arrays within other values */
export function arrayRule(item: TypeRule, name?: string): TypeRule {
  const parts = (items: readonly string[]) => items.map((text): Part => [item, text]);
  return {
    trims: true,
    judge(value) {
      const items = itemsOf(value);
      return items ? faultOfParts(parts(items)) : { code: 'not_an_array', params: { value } };
    },
    rounds: item.rounds && ((value) => roundingOfParts(parts(itemsOf(value) ?? []))),
    write: () => DOUBT,
    ...(name !== undefined && arrayWriter(name, item)),
  };
}

/** A brace or a comma, an item in quotes, or one without quotes. */
const TOKENS = /[\t-\r ]*(?:([{},])|"((?:[^"\\]|\\.)*)"|((?:[^{},"\\]|\\.)+))[\t-\r ]*/gsy;
const BOUNDS = /^[\t-\r ]*((?:\[[+-]?\d+(?::[+-]?\d+)?\])+)[\t-\r ]*=/;
/** PostgreSQL, MAXDIM. */
const MOST_DIMENSIONS = 6;

/** One dimension, without blanks, quotes and backslashes. */
const PLAIN = /^\{[^{}",\\\s]+(?:,[^{}",\\\s]+)*\}$/;
const NULL = /^null$/i;

/** Returns the items of a literal except NULL; undefined if it is invalid, or not rectangular: `{{1,2},{3}}`. */
function itemsOf(value: string): string[] | undefined {
  // Most arrays, in half the time.
  if (PLAIN.test(value))
    return value
      .slice(1, -1)
      .split(',')
      .filter((text) => !NULL.test(text));
  const bounds = BOUNDS.exec(value);
  const literal = bounds ? value.slice(bounds[0].length) : value;
  const items: string[] = [];
  const open: number[] = [];
  const sizes: number[] = [];
  let itemDepth = 0;
  let expected: 'first' | 'next' | 'comma' = 'first';
  TOKENS.lastIndex = 0;
  for (let at = 0; at < literal.length; at = TOKENS.lastIndex) {
    const [, mark, quoted, plain] = TOKENS.exec(literal) ?? [];
    if (at > 0 && open.length === 0) return undefined;
    if (mark === ',') {
      if (expected !== 'comma') return undefined;
      expected = 'next';
    } else if (mark === '}') {
      const size = open.pop();
      if (size === undefined || expected === 'next') return undefined;
      if ((sizes[open.length] ?? size) !== size) return undefined;
      sizes[open.length] = size;
      expected = 'comma';
    } else {
      if (expected === 'comma' || (mark === undefined && open.length === 0)) return undefined;
      if (open.length > 0) open[open.length - 1]!++;
      if (mark === '{') {
        open.push(0);
        if (open.length > MOST_DIMENSIONS || (itemDepth > 0 && open.length > itemDepth)) return undefined;
        expected = 'first';
        continue;
      }
      const text = quoted ?? plain;
      if (text === undefined) return undefined;
      itemDepth ||= open.length;
      if (open.length !== itemDepth) return undefined;
      if (quoted !== undefined || !NULL.test(trimmed(text)))
        items.push((quoted ?? trimmed(text)).replace(/\\(.)/gs, '$1'));
      expected = 'comma';
    }
  }
  if (open.length > 0 || sizes.length === 0) return undefined;
  return bounds && !fits(bounds[1]!, sizes) ? undefined : items;
}

/** Whether bounds such as `[2:3][1:2]` fit an array of these sizes. */
function fits(bounds: string, sizes: readonly number[]): boolean {
  const spans = [...bounds.matchAll(/\[([+-]?\d+)(?::([+-]?\d+))?\]/g)].map(([, from, to]) =>
    to === undefined ? Number(from) : Number(to) - Number(from) + 1,
  );
  return spans.length === sizes.length && spans.every((span, at) => span === sizes[at]);
}
