/** Columns that accept no value from a file. */
import type { Spec, Target, TargetColumn } from '@csvjobs/shared';
import { isComputed, writeTableName } from '@csvjobs/shared/reading';
import type { SpecColumn } from './specColumns.js';

/** Temporary tables with a file's columns have further ones, with names that begin like this. */
const OWN_NAMES = 'csvjobs$';

/** Refuses words about the fields of a column that accepts no value: they would have no effect. */
export function unfilledFaults(
  target: Target,
  columns: readonly SpecColumn[],
  { blanks, trim }: NonNullable<Spec['csvjobs']> = {},
): string[] {
  return columns.flatMap((each) => {
    const refusal = refusalOf(target, each);
    if (refusal === undefined) return [];
    const words = [
      ...(typeof blanks === 'object' && each.blanks !== undefined ? ['blanks'] : []),
      ...(Array.isArray(trim) && each.trim ? ['trim'] : []),
    ];
    return words.map((word) => `csvjobs.${word}: ${refusal}, so no field fills it; leave it out`);
  });
}

/** Returns why a column accepts no value from a file, or undefined. */
export function refusalOf(target: Target, { column }: SpecColumn): string | undefined {
  const table = writeTableName(target.table);
  if (column.name.startsWith(OWN_NAMES))
    return `${column.name} of ${table} begins like csvjobs' own names (${OWN_NAMES}); its owner can rename it`;
  if (column.insertable) return undefined;
  if (isComputed(column)) return whyComputed(target, column);
  return `this database role may not insert into ${column.name} of ${table}`;
}

/** Why the table takes no value for a column that it sets itself. */
export function whyComputed({ table }: Target, { name, generated }: TargetColumn): string {
  return generated === null
    ? `${writeTableName(table)} numbers ${name} itself (GENERATED ALWAYS)`
    : `${writeTableName(table)} computes ${name} itself (GENERATED)`;
}
