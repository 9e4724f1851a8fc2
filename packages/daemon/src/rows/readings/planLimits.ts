/**
 * Converts a field's constraints to PostgreSQL's form: limits are written like the field's values (Table Schema v2).
 */
import { createColumnReader } from '../columnReader.js';
import type { Limits, Reading } from '../reading.js';
import type { SpecColumn } from '../specColumns.js';
import { columnKind } from './fits.js';
import type { Remarks } from './planForm.js';

const BOUNDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const;
const ORDERED = ['integer', 'number', 'date', 'time', 'timestamp', 'timestamptz'];

/** @param reading the field's reading, without limits */
export function planLimits(
  { column, field }: SpecColumn,
  reading: Reading,
  { fault }: Remarks,
): Limits | undefined {
  const { minLength, maxLength, pattern, enum: allowed, ...rest } = field?.constraints ?? {};
  const kind = columnKind(column.type);
  const reader = createColumnReader({ type: column.type, nullable: false, reading });
  const textOf = (name: string, value: string | number | boolean) => {
    // A number in the spec is in JSON's form, a text in the file's form.
    const judged = typeof value === 'string' ? reader.judge(value) : { text: String(value) };
    if ('text' in judged && judged.text !== null) return judged.text;
    fault(`constraints.${name}: "${value}" is no value of the field`);
    return String(value);
  };
  const limits: Limits = {};
  if (minLength !== undefined) limits.minLength = minLength;
  if (maxLength !== undefined) limits.maxLength = maxLength;
  if ((minLength ?? maxLength) !== undefined && kind !== 'text' && reading.form?.kind !== 'list')
    fault('constraints.minLength and maxLength are for text and lists');
  for (const name of BOUNDS) {
    const value = rest[name];
    if (value === undefined) continue;
    if (ORDERED.includes(kind)) limits[name] = textOf(name, value);
    else fault(`constraints.${name} is for numbers, dates and times; ${column.name} is ${column.type.sql}`);
  }
  if (pattern !== undefined) limits.pattern = pattern;
  if (allowed) limits.enum = allowed.map((value) => textOf('enum', value));
  return Object.keys(limits).length > 0 ? limits : undefined;
}
