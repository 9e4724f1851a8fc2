/** Where the names of a file are from, if that was assumed by its header: its records may show that some have none. */
import { conceptOf, foldName, type Spec, shownSource, type Target } from '@csvjobs/shared';
import { fieldReference } from '../../rows/columnSources.js';
import { companyDefault, companyPosition, firmOptions, mixedOptions } from '../../rows/loadingOptions.js';
import type { RowPlan } from '../../rows/rowPlan.js';

export interface NameSource {
  /** The fields, counted from 0. */
  positions: number[];
  /** As `--map` names them. */
  shown: string;
  /** What loads a file of companies alone, none of which has a person. */
  options: string[];
  /** The field that a company's name is in. */
  company: number;
  /** What loads a file in which some records are companies without a person. */
  mixed: string[];
  /** What loads those without a company, too; undefined where the table takes them as they are. */
  companyless: string[] | undefined;
}

/**
 * @param cells trimmed
 * @returns undefined where the spec says what a name is, where the table can do without, or where no field has a company
 */
export function nameSource(
  target: Target,
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
  const fields = positions.map((position) => fieldReference(position, cells));
  const company = columns.find(({ column }) => conceptOf(column) === 'company');
  const isNeeded = company !== undefined && !company.nullable && company.default === undefined;
  return {
    positions,
    shown: shownSource(fields, 'blank'),
    options,
    company: companyPosition(cells)!,
    mixed: mixedOptions(target, name.column, cells, fields)!,
    companyless: isNeeded ? companyDefault(target) : undefined,
  };
}

function isSaid(column: string, spec: Spec | undefined): boolean {
  const { constant = {}, combine = {}, firstOf = {}, default: filled = {} } = spec?.csvjobs ?? {};
  return [constant, combine, firstOf, filled].some((block) =>
    Object.keys(block).some((name) => foldName(name) === foldName(column)),
  );
}
