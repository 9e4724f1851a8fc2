/** Which types of Table Schema v2 a PostgreSQL column can store. */
import type { SpecField, TargetType } from '@csvjobs/shared';

type FieldType = SpecField['type'];

/** The kind of a column's type that matters for a spec. `other`: only PostgreSQL knows which values it accepts. */
export type ColumnKind =
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'interval'
  | 'json'
  | 'array'
  | 'enum'
  | 'other';

const KINDS: Record<string, ColumnKind> = {
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  numeric: 'number',
  float4: 'number',
  float8: 'number',
  money: 'number',
  bool: 'boolean',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  interval: 'interval',
  json: 'json',
  jsonb: 'json',
};

export function columnKind({ kind, name, system }: TargetType): ColumnKind {
  if (kind === 'enum' || kind === 'array') return kind;
  return (kind === 'base' && system && KINDS[name]) || 'other';
}

/** Whether values are, or contain, points in time: if one is written without an offset, it needs a time zone. */
export function keepsPointInTime({ kind, name, system, element }: TargetType): boolean {
  if (!system) return false;
  return kind === 'array' ? element === 'timestamptz' : POINTS[name] === kind;
}

const POINTS: Record<string, TargetType['kind']> = {
  timestamptz: 'base',
  tstzrange: 'range',
  tstzmultirange: 'multirange',
};

/** Types that each kind can store. `any` and `string` never contradict a column, which judges the text itself. */
const HOLDS: Record<ColumnKind, readonly FieldType[] | 'all'> = {
  text: 'all',
  other: 'all',
  integer: ['integer', 'number', 'year'],
  number: ['integer', 'number', 'year'],
  boolean: ['boolean'],
  date: ['date', 'datetime'],
  time: ['time'],
  timestamp: ['date', 'datetime'],
  timestamptz: ['datetime'],
  interval: ['duration', 'time'],
  json: ['object', 'array'],
  array: ['list'],
  enum: [],
};

/** Whether a column can store values of a field's type. */
export function holds(column: ColumnKind, field: FieldType): boolean {
  const types = HOLDS[column];
  return types === 'all' || field === 'any' || field === 'string' || types.includes(field);
}
