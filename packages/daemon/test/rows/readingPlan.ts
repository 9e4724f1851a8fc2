import { readSpec, type SpecInput } from '@csvjobs/shared';
import { rowPlan } from '../../src/rows/rowPlan.js';
import { columnOf, targetOf } from './targets.js';

export type Schema = NonNullable<SpecInput['schema']>;
/** What a spec says about a field. */
export type Field = Omit<Schema['fields'][number], 'name'>;

/** The plan for a table with one column `c` of this type. */
export function planOf(type: string, field: Field, rest: SpecInput = {}) {
  const spec = readSpec({ ...rest, schema: { fields: [{ name: 'c', ...field }] } });
  return rowPlan(targetOf(columnOf('c', type)), spec, ['c']);
}
