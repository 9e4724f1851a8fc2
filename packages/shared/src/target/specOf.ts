/**
 * The spec that describes a table: a starting point for people who want to add to it. Used unchanged, it gives the same
 * verdict as no spec. So it contains nothing that the table does not demand, and leaves out anything that a Table
 * Schema would check more strictly than the table does.
 */
import { isRequired } from './required.js';
import type { SpecField, SpecInput } from './spec.js';
import { writeTableName } from './tableName.js';
import type { Target, TargetColumn, TargetKey, TargetType } from './target.js';

/** A Data Package resource with a field for each column that a file may have. */
export function specOf(target: Target): SpecInput {
  const { table, columns, keys } = target;
  const fields = columns.filter(({ insertable }) => insertable);
  const names = new Set(fields.map(({ name }) => name));
  const whole = keys.filter((key) => isTableSchemaKey(key) && key.columns.every((name) => names.has(name)));
  const primary = whole.find((key) => key.primary);
  const unique = whole.filter((key) => !key.primary);
  return {
    schema: {
      fields: fields.map((column) => fieldOf(target, column)),
      ...(primary && { primaryKey: columnsOf(primary) }),
      ...(unique.length > 0 && { uniqueKeys: unique.map(columnsOf) }),
    },
    csvjobs: { into: writeTableName(table) },
  };
}

/** Table Schema only has keys made of columns, checked at each row, in which missing values are not equal. */
function isTableSchemaKey({ parts, predicate, nullsNotDistinct, deferrable }: TargetKey): boolean {
  return (
    parts.every(({ column }) => column !== null) && predicate === null && !nullsNotDistinct && !deferrable
  );
}

function columnsOf({ parts }: TargetKey): string[] {
  return parts.flatMap(({ column }) => column ?? []);
}

type FieldInput = NonNullable<SpecInput['schema']>['fields'][number];

function fieldOf(target: Target, column: TargetColumn): FieldInput {
  const { name, type, comment } = column;
  const constraints = constraintsOf(target, column);
  return {
    name,
    type: fieldType(type),
    ...(comment !== null && comment !== '' && { description: comment }),
    ...(Object.keys(constraints).length > 0 && { constraints }),
  };
}

function constraintsOf(target: Target, column: TargetColumn): NonNullable<FieldInput['constraints']> {
  const { kind, labels, name, system, typmod } = column.type;
  // The modifier of varchar(n) and character(n) is n plus the four bytes of a length
  // (src/include/catalog/pg_attribute.h).
  const limited = system && kind === 'base' && (name === 'varchar' || name === 'bpchar') && typmod > 4;
  return {
    ...(isRequired(target, column) && { required: true }),
    ...(limited && { maxLength: typmod - 4 }),
    ...(kind === 'enum' && labels !== null && labels.length > 0 && { enum: labels }),
  };
}

/**
 * Types whose values Table Schema writes like PostgreSQL. All others are `any`, which means the column's own type:
 * intervals, arrays and json, for example, have another form in a Table Schema, or hold less.
 */
const TYPES: Readonly<Record<string, SpecField['type']>> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  numeric: 'number',
  float4: 'number',
  float8: 'number',
  bool: 'boolean',
  date: 'date',
  time: 'time',
  timestamp: 'datetime',
  timestamptz: 'datetime',
  text: 'string',
  varchar: 'string',
  bpchar: 'string',
  uuid: 'string',
};

function fieldType({ kind, name, system }: TargetType): SpecField['type'] {
  if (kind === 'enum') return 'string';
  return (system && kind === 'base' && TYPES[name]) || 'any';
}
