/** Where the names of a file are from, if that was assumed by its header: its records may show that there are none. */
import { conceptOf, foldName, type Spec, shownSource, type Target } from '@csvjobs/shared';
import { fieldReference } from '../../rows/columnSources.js';
import { firmOptions } from '../../rows/loadingOptions.js';
import type { RowPlan } from '../../rows/rowPlan.js';

export interface NameSource {
  /** The fields, counted from 0. */
  positions: number[];
  /** As `--map` names them. */
  shown: string;
  /** What loads a file of companies alone, none of which has a person. */
  options: string[];
}

/**
 * @param cells trimmed
 * @returns undefined where the spec says what a name is, where the table can do without, or where no field has a company
 */
export function nameSource(
  target: Pick<Target, 'columns'>,
  cells: readonly string[],
  { columns }: Pick<RowPlan, 'columns'>,
  spec: Spec | undefined,
): NameSource | undefined {
  const name = columns.find(({ column }) => conceptOf(column) === 'name');
  // A field with a name's own name is no assumption.
  if (!name || name.nullable || name.from.kind !== 'fields' || isSaid(name.column, spec)) return undefined;
  const { positions } = name.from;
  const options = firmOptions(target, name.column, cells);
  if (options === undefined) return undefined;
  return {
    positions,
    shown: shownSource(
      positions.map((position) => fieldReference(position, cells)),
      'blank',
    ),
    options,
  };
}

function isSaid(column: string, spec: Spec | undefined): boolean {
  const { constant = {}, combine = {}, firstOf = {}, default: filled = {} } = spec?.csvjobs ?? {};
  return [constant, combine, firstOf, filled].some((block) =>
    Object.keys(block).some((name) => foldName(name) === foldName(column)),
  );
}
