/** Targets for pure unit tests: columns as the catalog would describe them. */
import type { Target, TargetColumn, TargetType } from '@csvjobs/shared';

const TYPES: Record<string, Partial<TargetType>> = {
  text: {},
  'varchar(3)': { name: 'varchar', typmod: 7 },
  integer: { name: 'int4' },
  bigint: { name: 'int8' },
  'numeric(10,2)': { name: 'numeric', typmod: 4 + (10 << 16) + 2 },
  numeric: {},
  date: {},
  time: {},
  timestamp: {},
  timestamptz: {},
  'timestamp(0)': { name: 'timestamp', typmod: 0 },
  'timestamp(2)': { name: 'timestamp', typmod: 2 },
  'timestamptz(1)': { name: 'timestamptz', typmod: 1 },
  boolean: { name: 'bool' },
  uuid: {},
  'text[]': { name: '_text', kind: 'array', element: 'text' },
  'integer[]': { name: '_int4', kind: 'array', element: 'int4' },
};

export function typeOf(sql: string): TargetType {
  const labels = /^enum\((.*)\)$/.exec(sql)?.[1]?.split(',') ?? null;
  const base = { sql, base: sql, name: sql, kind: labels ? ('enum' as const) : ('base' as const) };
  return { ...base, system: true, typmod: -1, element: null, labels, domain: null, ...TYPES[sql] };
}

export function columnOf(name: string, sql: string, more: Partial<TargetColumn> = {}): TargetColumn {
  const rules = { notNull: false, default: null, identity: null, generated: null, insertable: true };
  return { name, type: typeOf(sql), ...rules, collation: null, comment: null, ...more };
}

export function targetOf(...columns: TargetColumn[]): Target {
  return {
    table: { schema: 'sales', name: 'orders' },
    kind: 'table',
    columns,
    keys: [],
    checks: [],
    foreignKeys: [],
    exclusions: [],
    triggers: [],
    rules: [],
    rowSecurity: false,
    partitionKey: null,
    fingerprint: '0'.repeat(64),
  };
}
