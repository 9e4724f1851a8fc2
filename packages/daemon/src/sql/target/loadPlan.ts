/** What of a target a file fills, and the names that the statements of its load share. */
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
  /** The columns that the file fills, in the order of the stage's. */
  columns: readonly StagedColumn[];
  /** What COPY brings, in its order: the same columns, but for those that are looked up the parts of their natural keys. */
  copied: readonly StagedColumn[];
  lookups: readonly Lookup[];
  /** Columns whose NULL on the stage stands for their DEFAULT, with that as SQL. */
  defaults?: readonly DefaultValue[];
  /** Where rows whose key is in the table are skipped or updated. */
  conflict?: Conflict;
}

/** What stands for a missing value, as an SQL expression. */
export interface DefaultValue {
  column: string;
  expression: string;
}

/** How rows that the table has are found, and what becomes of them. */
export interface Conflict {
  onConflict: 'skip' | 'update';
  /** Rows that the table lacks are refused. */
  updateOnly: boolean;
  key: TargetKey;
  /** The columns that an update sets. */
  sets: readonly StagedColumn[];
  /** Those of them whose NULL on the stage leaves a row as it is, with what a new row has. */
  kept: readonly DefaultValue[];
}

/** A column of the target, or a part of a natural key. */
export type StagedColumn = Pick<TargetColumn, 'name' | 'type' | 'collation' | 'notNull'>;

/** A column whose values another table has. */
export interface Lookup {
  column: string;
  table: TableName;
  /** The other table's column that has the value. */
  value: string;
  /** Its columns with their types, without domain or modifier; and the copied columns that they equal. */
  by: readonly { column: string; type: string; input: string }[];
}

/** The number of a staged row in its batch, from 1. No column of a target has this name: names of 64 bytes cannot be. */
export const ROW_NUMBER = 'csvjobs_row_number';

/**
 * @param copied the columns that COPY brings; at least one, each once
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

/** The place of a copied column, by which a staged row says that it has no value to judge there; looked up ones follow. */
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

/** Lists of columns for a statement: `"a", "b"`, or with a table before each: `s."a", s."b"`. */
export function columnList(columns: readonly { name: string }[], of?: string): string {
  return columns.map(({ name }) => (of === undefined ? '' : `${of}.`) + quoteIdentifier(name)).join(', ');
}

export function tableOf({ table }: Target): string {
  return quoteTableName(table);
}

/** A column's DEFAULT as SQL: a sequence of an identity is asked for by the column. */
export function defaultOf(target: Target, name: string): string {
  const { default: value, identity } = target.columns.find((column) => column.name === name)!;
  if (identity !== null)
    return `nextval(pg_get_serial_sequence(${literal(tableOf(target))}, ${literal(name)})::regclass)`;
  return value === null ? 'null' : `(${value})`;
}

/** Triggers that come before the insert may change what its constraints see: then nothing can be seen beforehand. */
export function changesRows({ triggers }: Target): boolean {
  return triggers.some(
    ({ timing, level, events }) => timing !== 'after' && level === 'row' && events.includes('insert'),
  );
}
