/**
 * Which staged rows have the key of a partial index. PostgreSQL asks its predicate of the row proposed for insertion, before
 * it looks for a row with the same key (manual, INSERT: ON CONFLICT). The stage has no columns that the file does not
 * fill, and NULL for values that an update would keep.
 */
import { quoteIdentifier } from '@csvjobs/shared';
import { type Conflict, defaultOf, type LoadPlan } from '../loadPlan.js';

type KeyedPlan = Pick<LoadPlan, 'target' | 'columns'> & { conflict: Conflict };

/** Condition on a row of the stage. Undefined for a key of all rows. */
export function isCovered(plan: KeyedPlan): string | undefined {
  const { predicate, columns } = plan.conflict.key;
  if (predicate === null) return undefined;
  const values = columns.map((name) => ({ name: quoteIdentifier(name), value: newValue(plan, name) }));
  if (values.every(({ name, value }) => name === value)) return `(${predicate}) is true`;
  const row = values.map(({ name, value }) => `${value} as ${name}`).join(', ');
  return `(select (${predicate}) is true from (select ${row}) csvjobs$new)`;
}

/** The value of a column in the row, if the table does not have it yet. */
function newValue({ target, columns, conflict }: KeyedPlan, name: string): string {
  const { base } = target.columns.find((column) => column.name === name)!.type;
  if (!columns.some((column) => column.name === name)) return `(${defaultOf(target, name)})::${base}`;
  const staged = quoteIdentifier(name);
  const fresh = conflict.kept.find(({ column }) => column === name);
  return fresh
    ? `case when ${staged} is not distinct from null then (${fresh.expression})::${base} else ${staged} end`
    : staged;
}
