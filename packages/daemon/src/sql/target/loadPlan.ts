/** Which columns of a target a file fills, and the names that the statements of its load share. */
import {
  quoteIdentifier,
  quoteTableName,
  type TableName,
  type Target,
  type TargetColumn,
  type TargetKey,
  type TargetType,
} from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { literal } from './literal.js';

export interface LoadPlan {
  target: Target;
  /** The columns that the file fills, in stage order. */
  columns: readonly StagedColumn[];
  /** The columns of the COPY, in order: the same, but parts of natural keys in place of looked-up columns. */
  copied: readonly StagedColumn[];
  lookups: readonly Lookup[];
  /** Columns whose NULL on the stage means their DEFAULT, with its SQL. */
  defaults?: readonly DefaultValue[];
  /** Set if rows whose key is in the table are skipped or updated. */
  conflict?: Conflict;
}

/** The replacement for a missing value, as an SQL expression. */
export interface DefaultValue {
  column: string;
  expression: string;
}

/** How to find rows that the table has, and what to do with them. */
export interface Conflict {
  onConflict: 'skip' | 'update';
  /** Refuses rows that the table lacks. */
  updateOnly: boolean;
  key: TargetKey;
  /** The columns by which an undo finds the rows that are updated. */
  undoKey: readonly string[];
  /** The columns that an update sets. */
  sets: readonly StagedColumn[];
  /** Those that keep their value in an update if they are NULL on the stage, with the value for a new row. */
  kept: readonly DefaultValue[];
}

/** A column of the target, or a part of a natural key. */
export type StagedColumn = Pick<TargetColumn, 'name' | 'type' | 'collation' | 'notNull'>;

/** A column whose values come from another table. */
export interface Lookup {
  column: string;
  table: TableName;
  /** The other table's column with the value. */
  value: string;
  /** Its key columns with their types, without domain or modifier, and the copied columns that they must equal. */
  by: readonly { column: string; type: string; input: string }[];
}

/**
 * The stage's column with the number of a row (see stage.ts). Columns and variables of csvjobs that stand beside a target's
 * columns have a `$` in their names, so that no target has columns of these names.
 */
export const ROW_NUMBER = 'csvjobs$row_number';

/**
 * @param copied the columns of the COPY; at least one, each once
 * @param lookups whose inputs are among them
 * @throws {Failure} `column_unknown`, `column_not_insertable`
 */
export function planLoad(
  target: Target,
  copied: readonly string[],
  lookups: readonly Lookup[] = [],
  defaults: readonly DefaultValue[] = [],
): LoadPlan {
  const inputs = new Set(lookups.flatMap(({ by }) => by.map(({ input }) => input)));
  const own = copied.filter((name) => !inputs.has(name));
  const columns = targetColumns(target, [...own, ...lookups.map(({ column }) => column)]);
  const asText = (name: string) => ({ name, type: TEXT, collation: null, notNull: false });
  const staged = copied.map((name) =>
    inputs.has(name) ? asText(name) : columns.find((column) => column.name === name)!,
  );
  return { target, columns, copied: staged, lookups, defaults };
}

const TEXT: TargetType = {
  ...{ sql: 'text', base: 'text', kind: 'base', name: 'text', system: true, typmod: -1 },
  ...{ element: null, labels: null, domain: null },
};

/**
 * The places by which a staged row marks a column as having no value to check; looked-up ones follow the copied ones.
 */
export function placesOf({ copied, lookups }: LoadPlan, name: string): number[] {
  const at = lookups.findIndex(({ column }) => column === name);
  const place = (wanted: string) => copied.findIndex((column) => column.name === wanted);
  if (at < 0) return [place(name)];
  return [copied.length + at, ...lookups[at]!.by.map(({ input }) => place(input))];
}

function targetColumns(target: Target, names: readonly string[]): TargetColumn[] {
  if (names.length === 0) throw new Failure('column_unknown', `the file has no column of ${tableOf(target)}`);
  return names.map((name) => {
    const column = target.columns.find((each) => each.name === name);
    if (!column) throw new Failure('column_unknown', `${tableOf(target)} has no column ${name}`);
    if (!column.insertable) {
      throw new Failure('column_not_insertable', `the column ${name} of ${tableOf(target)} takes no values`);
    }
    return column;
  });
}

/** A column list for a statement: `"a", "b"`, or with a table prefix: `s."a", s."b"`. */
export function columnList(columns: readonly { name: string }[], of?: string): string {
  return columns.map(({ name }) => (of === undefined ? '' : `${of}.`) + quoteIdentifier(name)).join(', ');
}

export function tableOf({ table }: Target): string {
  return quoteTableName(table);
}

/**
 * SQL for a table without its inheritance children, which have keys and rows of their own; a partitioned table with
 * all its partitions.
 */
export function itself(target: Target): string {
  return `${target.kind === 'partitioned table' ? '' : 'only '}${tableOf(target)}`;
}

/** A column's DEFAULT as SQL; for an identity, the next value of its sequence. */
export function defaultOf(target: Target, name: string): string {
  const { default: value, identity } = target.columns.find((column) => column.name === name)!;
  if (identity !== null)
    return `nextval(pg_get_serial_sequence(${literal(tableOf(target))}, ${literal(name)})::regclass)`;
  return value === null ? 'null' : `(${value})`;
}
