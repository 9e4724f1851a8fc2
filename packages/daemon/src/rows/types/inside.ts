/** Values that consist of others: their faults are those of their parts. */
import { trimmed } from '../blanks.js';
import type { FloatName } from './floatText.js';
import type { Fault, TypeRule } from './typeRule.js';

/** An item, an attribute or a bound, and its rule. */
export type Part = readonly [rule: TypeRule, text: string];

/** Returns the first fault of the parts of a value. */
export function faultOfParts(parts: readonly Part[]): Fault | undefined {
  return firstOf(parts, (rule, text) => inside(rule.judge(text)));
}

/** Returns the type to which a part of a value is rounded. */
export function roundingOfParts(parts: readonly Part[]): FloatName | undefined {
  return firstOf(parts, (rule, text) => rule.rounds?.(text));
}

function firstOf<Found>(
  parts: readonly Part[],
  find: (rule: TypeRule, text: string) => Found | undefined,
): Found | undefined {
  for (const [rule, text] of parts) {
    const found = find(rule, rule.trims ? trimmed(text) : text);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Marks a fault as one of a part: options and formats of a spec are for whole values, so the advice must not name them.
 */
export function inside(fault: Fault | undefined): Fault | undefined {
  if (!fault || !('value' in fault.params)) return fault;
  return { ...fault, params: { ...fault.params, inside: true } } as Fault;
}
