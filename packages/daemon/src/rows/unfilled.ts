/** Columns that accept no value from a file. */
import type { Spec, Target, TargetColumn } from '@csvjobs/shared';
import { grantInsert, isComputed, writeTableName } from '@csvjobs/shared/reading';
import type { SpecColumn } from './specColumns.js';

/** Temporary tables with a file's columns have further ones, with names that begin like this. */
const OWN_NAMES = 'csvjobs$';

/** Refuses words about the fields of a column that accepts no value: they would have no effect. */
export function unfilledFaults(
  target: Target,
  columns: readonly SpecColumn[],
  { trim }: NonNullable<Spec['csvjobs']> = {},
): string[] {
  return columns.flatMap((each) => {
    const refusal = refusalOf(target, each);
    if (refusal === undefined) return [];
    const words = [
      ...(each.hasOwnBlanks ? ['blanks'] : []),
      ...(Array.isArray(trim) && each.trim ? ['trim'] : []),
    ];
    const out = wayOut(target, each, 'leave it out');
    return words.map((word) => `csvjobs.${word}: ${refusal}, so no field fills it${out}`);
  });
}

/** Returns why a column accepts no value from a file, or undefined. */
export function refusalOf(target: Target, { column }: SpecColumn): string | undefined {
  const table = writeTableName(target.table);
  if (column.name.startsWith(OWN_NAMES))
    return `${column.name} of ${table} begins like csvjobs' own names (${OWN_NAMES}); its owner can rename it`;
  if (column.insertable) return undefined;
  if (isComputed(column)) return whyComputed(target, column);
  const accepts = target.kind !== 'view' || grantInsert(target, [column.name]) !== undefined;
  return accepts
    ? `this database role may not insert into ${column.name} of ${table}`
    : `${column.name} of the view ${table} accepts no values`;
}

/**
 * Returns what to do about a refused column, to append to the reason: the statement that grants a missing right, or another way.
 * @param otherwise the other way, if there is one
 */
export function wayOut(target: Target, { column }: SpecColumn, otherwise?: string): string {
  const grant = grantInsert(target, [column.name]);
  const granting = grant && `its owner can grant it: ${grant}`;
  const ways = [otherwise, granting].filter((way) => way !== undefined);
  return ways.length === 0 ? '' : `; ${ways.join(', or ')}`;
}

/** Why the table takes no value for a column that it sets itself. */
export function whyComputed({ table }: Target, { name, generated }: TargetColumn): string {
  return generated === null
    ? `${writeTableName(table)} numbers ${name} itself (GENERATED ALWAYS)`
    : `${writeTableName(table)} computes ${name} itself (GENERATED)`;
}
