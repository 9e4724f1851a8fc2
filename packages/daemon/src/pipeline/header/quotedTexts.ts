/** Where "" may be an empty text, and where NULL cannot be told from no record. */
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

/** Says what is lost of a file as COPY writes it: NULL in the only column is a blank line there, and blank lines are no records here. */
export function blankLineNotices(cells: readonly string[], spec: Spec | undefined): string[] {
  return cells.length === 1 && spec?.csvjobs?.quotedEmpty === 'text'
    ? ['blank lines are skipped: COPY writes NULL in the only column of a file as one']
    : [];
}
