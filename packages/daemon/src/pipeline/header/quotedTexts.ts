/** Where "" may be an empty text. */
import type { Spec } from '@csvjobs/shared';
import { columnKind } from '../../rows/readings/fits.js';
import type { RowPlan } from '../../rows/rowPlan.js';

/**
 * Returns the positions of the fields of text columns that "" leaves without a value, if that is assumed: undefined if the spec says
 * what it means, or if there are none.
 */
export function quotedTexts({ columns }: RowPlan, spec: Spec | undefined): number[] | undefined {
  if (spec?.csvjobs?.quotedEmpty !== undefined) return undefined;
  const positions = columns.flatMap(({ from, type, reading }) =>
    from.kind === 'field' && columnKind(type) === 'text' && (reading?.missing.includes('') ?? true)
      ? [from.position]
      : [],
  );
  return positions.length === 0 ? undefined : positions;
}
