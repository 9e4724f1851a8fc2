/**
 * Shared parts of the update statements: staged rows under names that no table has, so that the expressions of keys
 * refer to the table; how to find a row of the table; and whether it differs.
 */
import { isComputed, onlyColumn, partColumns, quoteIdentifier } from '@csvjobs/shared';
import { shownKey } from '../duplicates.js';
import { literal } from '../literal.js';
import { type Conflict, itself, type LoadPlan, ROW_NUMBER, type StagedColumn } from '../loadPlan.js';
import { reason } from '../rowFaults.js';
import { STAGE } from '../stage.js';
import { isBytewise, TEXTS } from './bytewise.js';
import { isCovered } from './covered.js';

/** A plan with a key that identifies rows of the table. */
export type UpsertPlan = LoadPlan & { conflict: Conflict };

/**
 * The staged rows: `csvjobs$row`, the key parts as `csvjobs$k0`, …, the columns of the plan as `csvjobs$c0`, …; for a
 * partial key, also whether it covers the row, as `csvjobs$covered`.
 */
export function stagedRows(plan: UpsertPlan): string {
  const { columns, conflict } = plan;
  const keys = conflict.key.parts.map(({ expression }, at) => `(${expression}) as csvjobs$k${at}`);
  const covered = isCovered(plan);
  if (covered !== undefined) keys.push(`${covered} as csvjobs$covered`);
  const values = columns.map(({ name }, at) => `${quoteIdentifier(name)} as csvjobs$c${at}`);
  return `(select ${[`${ROW_NUMBER} as csvjobs$row`, ...keys, ...values].join(', ')} from ${STAGE})`;
}

/**
 * The table as `t`. A unique key covers the table itself but not its inheritance children; that of a partitioned
 * table covers all its partitions.
 */
export function tableAsT({ target }: UpsertPlan): string {
  return `${itself(target)} t`;
}

/** Condition: a row of the table has the key of a staged row. @param of the staged row */
export function hasKey({ conflict: { key } }: UpsertPlan, of: string): string {
  const equal = key.parts.map(({ expression }, at) => {
    const value = `${of}.csvjobs$k${at}`;
    const same = `(${expression}) = ${value}`;
    // An index supports both of these, but not `is not distinct from`.
    return key.nullsNotDistinct ? `(${same} or ((${expression}) is null and ${value} is null))` : same;
  });
  if (key.predicate !== null) equal.unshift(`${of}.csvjobs$covered and (${key.predicate})`);
  return equal.join(' and ');
}

/**
 * Condition: `t` is the row of the table that has the key of the staged row `s`.
 * @param range of the table, as `keyRange` returns it
 */
export function isSameRow(plan: UpsertPlan, range: string | undefined): string {
  return range === undefined ? hasKey(plan, 's') : `${hasKey(plan, 's')} and ${range}`;
}

/**
 * Condition: an update would change a row. Compares values byte by byte: if texts differ only in case, or 1.0 from
 * 1.00, but count as equal, the user still wants the file's. Also, some types have no equality, or compare areas.
 * @param of the staged row
 */
export function isChanged(plan: UpsertPlan, of: string): string {
  const { sets } = plan.conflict;
  const images = sets.filter((column) => !isBytewise(column));
  const differ = sets.filter(isBytewise).map((column) => differs(plan, column, of));
  if (images.length > 0) {
    const there = images.map(inTable);
    const wanted = images.map((column) => newValue(plan, column, of));
    // PostgreSQL would split this function's operator, between two rows, into one comparison per column.
    differ.push(`pg_catalog.record_image_ne(row(${there.join(', ')}), row(${wanted.join(', ')}))`);
  }
  return differ.length === 0 ? 'false' : `(${differ.join(' or ')})`;
}

/** The same for a column whose equality is that of bytes. */
function differs(plan: UpsertPlan, column: StagedColumn, of: string): string {
  const collate = TEXTS.has(column.type.name) ? ' collate pg_catalog."C"' : '';
  const value = staged(plan, column, of);
  const differ = `${inTable(column)}${collate} is distinct from ${value}${collate}`;
  return isKept(plan, column) ? `(${value} is not null and ${differ})` : `(${differ})`;
}

/** The assignments of an update. @param of the staged row */
export function assignments(plan: UpsertPlan, of: string): string {
  return plan.conflict.sets
    .map((column) => `${quoteIdentifier(column.name)} = ${newValue(plan, column, of)}`)
    .join(', ');
}

/** The values of a new row, in the order of the plan's columns. @param of the staged row */
export function freshValues({ columns, conflict }: UpsertPlan, of: string): string {
  return columns
    .map(({ name }, at) => {
      const value = `${of}.csvjobs$c${at}`;
      const fresh = conflict.kept.find(({ column }) => column === name);
      return fresh ? `case when ${isMissing(value)} then ${fresh.expression} else ${value} end` : value;
    })
    .join(', ');
}

/**
 * SQL for the reason of a refused row whose key the table lacks.
 * @param values prefix of its key parts, without their numbers
 */
export function notInTable({ target, conflict: { key } }: UpsertPlan, values: string): string {
  const isMade = target.columns.some(
    (column) => isComputed(column) && partColumns(key).includes(column.name),
  );
  const shown = shownKey(key, values);
  return reason('not_in_table', onlyColumn(key), {
    table: literal(target.table.name),
    key: key.predicate === null ? shown : `${shown} || ${literal(` where ${key.predicate}`)}`,
    constraint: literal(key.name),
    ...(isMade && { made: 'true' }),
  });
}

/** The value of a column after an update. */
function newValue(plan: UpsertPlan, column: StagedColumn, of: string): string {
  const value = staged(plan, column, of);
  return isKept(plan, column)
    ? `case when ${isMissing(value)} then ${inTable(column)} else ${value} end`
    : value;
}

function staged({ columns }: UpsertPlan, { name }: StagedColumn, of: string): string {
  return `${of}.csvjobs$c${columns.findIndex((column) => column.name === name)}`;
}

function isKept({ conflict }: UpsertPlan, { name }: StagedColumn): boolean {
  return conflict.kept.some(({ column }) => column === name);
}

/** A value of the table in the stage's type, which has no domains. */
function inTable({ name, type }: StagedColumn): string {
  const value = `t.${quoteIdentifier(name)}`;
  return type.domain === null ? value : `${value}::${type.base}`;
}

/** A row type with only NULLs in it also `is null`; what counts is whether the value itself is there. */
function isMissing(value: string): string {
  return `${value} is not distinct from null`;
}
