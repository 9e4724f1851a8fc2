/**
 * Columns whose values are in another table: instead of them, a row has the natural key by which they are looked up.
 */
import type { KeyTypes, Spec, Target } from '@csvjobs/shared';
import { isSameName, listed, ownValue, writeTableName } from '@csvjobs/shared/reading';
import type { ColumnFrom, PlanColumn, PlannedLookup } from './planColumn.js';
import { keepsPointInTime } from './readings/fits.js';
import { KEY_TEXT, type KeyPart, keyReadings } from './readings/keyReading.js';
import { isNullable, type SpecColumn } from './specColumns.js';

/**
 * Returns the plan's columns for a column that is looked up, in the order of the spec.
 * @param from the fields of the natural key, in that order; undefined if the header lacks one
 * @param lookups the lookup is added here
 * @param keyTypes the types of the other tables' columns, as far as they are known
 */
export function lookupInputs(
  target: Target,
  each: SpecColumn & { lookup: NonNullable<SpecColumn['lookup']> },
  from: ColumnFrom | undefined,
  spec: Spec | undefined,
  faults: string[],
  lookups: PlannedLookup[],
  keyTypes: KeyTypes = {},
): PlanColumn[] {
  const { column, lookup, field } = each;
  const place = `csvjobs.lookup: ${column.name}`;
  const by = Object.keys(lookup.by);
  if (by.length === 0)
    faults.push(`${place} says by no column; name one at least: by: {email: Customer Email}`);
  if (isSameName(lookup.table, writeTableName(target.table)))
    faults.push(
      `${place} looks into the table that is loaded, which depends on the order; load the file twice`,
    );
  if (from?.kind !== 'fields') return [];
  const parts = by.map((name) => ({
    name: `${lookup.table}.${name}`,
    type: ownValue(keyTypes[lookup.table], name),
  }));
  const isTime = ({ type }: KeyPart) => type === undefined || keepsPointInTime(type);
  if (typeof spec?.csvjobs?.timeZone === 'object' && each.timeZone !== undefined && !parts.some(isTime))
    faults.push(
      `csvjobs.timeZone: ${column.name} is looked up by ${listed(parts.map((part) => part.name))}, without a time zone`,
    );
  const readings = keyReadings(each, parts, spec, {
    fault: (sentence) => faults.push(`schema.fields: ${field!.name}: ${sentence}`),
    notice: () => {},
  });
  const inputs = by.map((_, at) => inputName(target, `${lookups.length}_${at}`));
  lookups.push({
    column: column.name,
    table: lookup.table,
    value: lookup.value,
    by: by.map((name, at) => ({ column: name, input: inputs[at]! })),
  });
  return inputs.map((input, at) => ({
    column: input,
    type: KEY_TEXT,
    nullable: isNullable(each),
    from: { kind: 'field', position: from.positions[at]! },
    reading: readings[at],
    lookup: column.name,
  }));
}

/** Returns a name that no column of the target has. */
function inputName({ columns }: Target, number: string): string {
  let name = `csvjobs_lookup_${number}`;
  while (columns.some((column) => column.name === name)) name += '_';
  return name;
}
