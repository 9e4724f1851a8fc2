/**
 * The fields that the names of a file come from, if that was assumed from its header: the records may show that some
 * have no name.
 */
import type { Spec, Target } from '@csvjobs/shared';
import { conceptOf, foldName, shownSource } from '@csvjobs/shared/reading';
import { fieldReference } from '../../rows/fieldReference.js';
import { companyPosition, firmOptions, mixedOptions } from '../../rows/firms.js';
import { companyDefault } from '../../rows/loadingOptions.js';
import type { RowPlan } from '../../rows/rowPlan.js';

export interface NameSource {
  /** The fields, counted from 0. */
  positions: number[];
  /** The fields as `--map` names them. */
  shown: string;
  /** Options that load a file of companies only, without persons. */
  options: string[];
  /** The field that holds a company's name. */
  company: number;
  /** Options that load a file in which some records are companies without a person. */
  mixed: string[];
  /** Options that also load records without a company; undefined if the table accepts those without options. */
  companyless: string[] | undefined;
}

/**
 * @param cells trimmed
 * @returns undefined if the spec says what a name is, if the table does not require one, or if no field has a company
 */
export function nameSource(
  target: Target,
  cells: readonly string[],
  { columns }: Pick<RowPlan, 'columns'>,
  spec: Spec | undefined,
): NameSource | undefined {
  const name = columns.find(({ column }) => conceptOf(column) === 'name');
  // If a single field is the name, nothing is assumed.
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
