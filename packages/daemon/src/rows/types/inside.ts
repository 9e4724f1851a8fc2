/** Faults of a part of a value: options and formats of a spec are for whole values, so the advice must not name them. */
import type { Fault } from './typeRule.js';

/** Marks a fault as one of an item, an attribute or a bound. */
export function inside(fault: Fault | undefined): Fault | undefined {
  if (!fault || !('value' in fault.params)) return fault;
  return { ...fault, params: { ...fault.params, inside: true } } as Fault;
}
