/**
 * Finds staged rows that collide by a unique key: with the table, or with each other. A row that collides with the
 * table is rejected whatever else is in the file. Of rows that collide with each other, the first wins. One statement
 * can decide that only if the table has one key; with several, a row may lose by one key and so free another, and
 * those rows are inserted one by one.
 */
import { onlyColumn, type TargetKey, type TargetReason } from '@csvjobs/shared';
import { literal } from './literal.js';
import { itself, type LoadPlan, ROW_NUMBER } from './loadPlan.js';
import { STAGE } from './stage.js';

/** Returns the keys whose columns are all in the file. Keys with other columns are left to PostgreSQL. */
export function stagedKeys({ target, columns }: LoadPlan): TargetKey[] {
  const staged = new Set(columns.map(({ name }) => name));
  return target.keys.filter((key) => key.columns.every((name) => staged.has(name)));
}

/** A row whose key the table has, or an earlier row. */
export interface RepeatedRow {
  /** Its number on the stage. */
  row: number;
  /** The key as `shownKey` shows it. */
  key: string;
}

/**
 * Query for the rows whose key the table already has: RepeatedRow. Node makes the reasons, because as
 * jsonb they took PostgreSQL 5 µs each.
 * @param from the stage, or a substitute for it
 */
export function inTableQuery(plan: LoadPlan, key: TargetKey, from = STAGE): string {
  const same = key.parts.map((part, at) => `(${part.expression}) ${equals(key)} s.k${at}`);
  return `select s.row, ${shownKey(key, 's.k')} as key
    from (${keysOf(key, from)}) s
    where exists (select from ${itself(plan.target)} where ${[...same, ...predicateOf(key)].join(' and ')})
    order by s.row`;
}

/**
 * Query for the rows that collide with an earlier staged row; for the only key of a table. The reason says that the
 * table has the key, which is true once the earlier row is loaded: batch limits must not show.
 */
export function inFileQuery(key: TargetKey): string {
  return `select row, ${shownKey(key, 's.k')} as key
    from (select s.*, min(row) over (partition by ${partsOf(key)}) as first from (${keysOf(key)}) s) s
    where row > first order by row`;
}

/**
 * Query for all rows that collide with another staged one, the first included.
 * @param covered condition: the key applies to the row; by default, its predicate
 */
export function entangledQuery(key: TargetKey, covered?: string): string {
  const keys = keysOf(key, STAGE, covered === undefined ? undefined : [covered]);
  return `select row from (select s.*, count(*) over (partition by ${partsOf(key)}) as rows from (${keys}) s) s
    where rows > 1`;
}

/** Row numbers and the parts of the key as k0, k1, …; without rows that the key does not apply to. */
function keysOf(key: TargetKey, stage = STAGE, looked = predicateOf(key)): string {
  const parts = key.parts.map(({ expression }, at) => `(${expression}) as k${at}`);
  const there = key.nullsNotDistinct ? [] : key.parts.map((_, at) => `k${at} is distinct from null`);
  const from = `select ${ROW_NUMBER} as row, ${parts.join(', ')} from ${stage}${where(looked)}`;
  return `select * from (${from}) keys${where(there)}`;
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
}

const predicateOf = ({ predicate }: TargetKey) => (predicate === null ? [] : [`(${predicate})`]);
const equals = ({ nullsNotDistinct }: TargetKey) => (nullsNotDistinct ? 'is not distinct from' : '=');
const partsOf = ({ parts }: TargetKey) => parts.map((_, at) => `k${at}`).join(', ');

/** The reason of such a row: it blames the column of a key that has only one. @param shown the row's key */
export function inTable({ target }: LoadPlan, key: TargetKey, shown: string): TargetReason {
  const column = onlyColumn(key);
  return {
    code: 'duplicate_in_table',
    ...(column !== undefined && { column }),
    params: { table: target.table.name, key: shown, constraint: key.name },
  };
}

/** The same as an SQL expression. @param shown an expression for the row's key */
export function inTableSql(plan: LoadPlan, key: TargetKey, shown: string): string {
  const { column, params } = inTable(plan, key, '');
  const parts = { code: 'duplicate_in_table', ...(column !== undefined && { column }) };
  return `(${literal(JSON.stringify(parts))}::jsonb || jsonb_build_object('params', ${literal(JSON.stringify(params))}::jsonb || jsonb_build_object('key', ${shown})))`;
}

/**
 * SQL expression for a key as shown to people: `order_id=7, line=2`.
 * @param values prefix of its parts, without their numbers
 */
export function shownKey({ parts }: TargetKey, values: string): string {
  const shown = parts.map(
    ({ column, expression }, at) =>
      `${literal(`${column ?? expression}=`)} || coalesce(${values}${at}::text, 'NULL')`,
  );
  return `concat_ws(', ', ${shown.join(', ')})`;
}
