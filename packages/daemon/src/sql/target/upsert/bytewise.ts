/**
 * Types whose values are equal only where their bytes are, so that their own operator says whether a value changes: it takes a
 * third of what a comparison of whole rows takes.
 */
import type { StagedColumn } from '../loadPlan.js';

/** Text types: under the collation C. Others may take different texts for the same. */
export const TEXTS: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar']);

const ALWAYS: ReadonlySet<string> = new Set([
  ...['bool', 'int2', 'int4', 'int8', 'date', 'time', 'timestamp', 'timestamptz', 'uuid', 'bytea'],
  ...['text', 'varchar'],
]);

/** Those whose modifier gives each value one form: so many decimal places, so many blanks at the end. */
const WITH_MODIFIER: ReadonlySet<string> = new Set(['numeric', 'bpchar']);

export function isBytewise({ type: { kind, system, name, typmod } }: StagedColumn): boolean {
  if (kind === 'enum') return true;
  if (kind !== 'base' || !system) return false;
  return ALWAYS.has(name) || (WITH_MODIFIER.has(name) && typmod >= 0);
}
