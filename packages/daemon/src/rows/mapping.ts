/** Which field of a header fills which column in a load, in a form that users can view and change. */
import { type FileField, foldName, type MappedColumn, type Spec, type Target } from '@csvjobs/shared';
import { columnSources } from './columnSources.js';
import type { ColumnFrom } from './planColumn.js';
import type { HeaderKnowledge } from './rowPlan.js';
import { type SpecColumn, specColumns } from './specColumns.js';
import { suggestFields } from './suggestFields.js';

/** Returns the columns that accept a value, in table order. Does not report faults; the header's rule does that. */
export function mappedColumns(
  target: Target,
  spec: Spec | undefined,
  fields: readonly FileField[],
  { words, known }: HeaderKnowledge,
): MappedColumn[] {
  const cells = fields.map(({ name }) => name);
  const described = specColumns(target, spec, [], known);
  const sources = (columns: readonly SpecColumn[]) =>
    columnSources(target, columns, cells, [], words, spec?.csvjobs).byColumn;
  const byColumn = sources(described);
  const byHeader = columnSources(target, described.map(withoutSource), cells, [], words).byColumn;
  const suggested = suggestFields(described, byColumn, fields);
  return described
    .filter(({ column }) => column.insertable)
    .map((each) => {
      const { name } = each.column;
      const from = sourceOf(each, byColumn.get(name));
      return {
        column: name,
        from,
        match: from && matchOf(each, from, cells),
        named: positionsOf(byHeader.get(name)),
        default: each.default ?? null,
        suggestion: suggested.get(name) ?? null,
      };
    });
}

function withoutSource(each: SpecColumn): SpecColumn {
  return { ...each, constant: undefined, combine: undefined, firstOf: undefined, default: undefined };
}

/** Returns the source of a column. A default in every row, for lack of a field, is not a source. */
function sourceOf({ constant }: SpecColumn, from: ColumnFrom | undefined): ColumnFrom | null {
  return from === undefined || (from.kind === 'constant' && constant === undefined) ? null : from;
}

function positionsOf(from: ColumnFrom | undefined): number[] {
  if (from?.kind === 'field') return [from.position];
  return from?.kind === 'fields' ? from.positions : [];
}

function matchOf(
  { column, aliases, constant, combine, firstOf }: SpecColumn,
  from: ColumnFrom,
  cells: readonly string[],
): MappedColumn['match'] {
  if ((constant ?? combine ?? firstOf) !== undefined) return 'spec';
  if (from.kind !== 'field') return 'known';
  const name = cells[from.position]!;
  if (name === column.name) return 'exact';
  const folded = foldName(name);
  if (folded === foldName(column.name)) return 'folded';
  return aliases.some((alias) => foldName(alias) === folded) ? 'alias' : 'known';
}
