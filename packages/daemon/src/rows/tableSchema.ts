/** What a Table Schema v2 says about all fields together: `fieldsMatch`, and keys, which only the table can enforce. */
import type { Spec, Target } from '@csvjobs/shared';
import { foldName, listed } from '@csvjobs/shared/reading';
import type { ColumnFrom } from './planColumn.js';
import type { SpecColumn } from './specColumns.js';

/**
 * Returns why a header does not match the fields of a schema, as `fieldsMatch` demands: `exact` means the same fields
 * in the same order, `equal` in any order, `subset` all fields of the schema, `superset` no other fields. `partial`, at
 * least one field, is required of every file.
 */
export function fieldsMatchFaults(
  columns: readonly SpecColumn[],
  spec: Spec | undefined,
  header: readonly string[],
  byColumn: ReadonlyMap<string, ColumnFrom>,
): string[] {
  const match = spec?.schema?.fieldsMatch ?? 'partial';
  if (match === 'partial') return [];
  const fields = spec!.schema!.fields.flatMap((field) => {
    const each = columns.find((one) => one.field === field);
    return each ? [{ name: field.name, each }] : [];
  });
  const positions = fields.map(({ name, each }) => positionOf(name, each, header, byColumn));
  const lacking = fields.filter((_, at) => positions[at] === undefined).map(({ name }) => name);
  const others = header.filter((_, position) => !positions.includes(position));
  const faults: string[] = [];
  if (match !== 'superset' && lacking.length > 0)
    faults.push(`fieldsMatch is "${match}", but the file has no field ${listed(lacking)}`);
  if (match !== 'subset' && others.length > 0)
    faults.push(`fieldsMatch is "${match}", but the schema has no field ${listed(others)}`);
  if (match === 'exact' && faults.length === 0 && positions.some((position, at) => position !== at))
    faults.push('fieldsMatch is "exact", but the fields of the file are in another order; use "equal"');
  return faults;
}

function positionOf(
  name: string,
  { column }: SpecColumn,
  header: readonly string[],
  byColumn: ReadonlyMap<string, ColumnFrom>,
): number | undefined {
  const from = byColumn.get(column.name);
  if (from?.kind === 'field') return from.position;
  const position = header.findIndex((cell) => foldName(cell.trim()) === foldName(name));
  return position < 0 ? undefined : position;
}

/** Returns a notice for each key of the schema that the table does not enforce: csvjobs itself compares no rows. */
export function uncheckedKeys(
  target: Target,
  columns: readonly SpecColumn[],
  spec: Spec | undefined,
): string[] {
  const named = (name: string) =>
    columns.find(({ column, field }) => field?.name === name || column.name === name)?.column.name ?? name;
  const { primaryKey, uniqueKeys = [] } = spec?.schema ?? {};
  const unique = columns.filter(({ field }) => field?.constraints?.unique).map(({ column }) => [column.name]);
  const keys = [...(primaryKey ? [primaryKey] : []), ...uniqueKeys, ...unique].map((key) =>
    key.map(named).sort(),
  );
  const held = target.keys
    .filter(({ predicate }) => predicate === null)
    .map(({ columns: of }) => [...of].sort().join('\0'));
  return keys
    .filter((key) => !held.includes(key.join('\0')))
    .map((key) => `${key.join(', ')}: the table has no unique key on it, so duplicates are not looked for`);
}
