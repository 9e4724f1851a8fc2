/**
 * What the statements of an update have in common: staged rows under names that no table has, so that the expressions of keys
 * mean the table; how a row of the table is found; and whether it differs.
 */
import { quoteIdentifier, type TargetKey } from '@csvjobs/shared';
import { shownKey } from '../duplicates.js';
import { literal } from '../literal.js';
import { type Conflict, type LoadPlan, ROW_NUMBER, type StagedColumn, tableOf } from '../loadPlan.js';
import { reason } from '../rowFaults.js';
import { STAGE } from '../stage.js';
import { isBytewise, TEXTS } from './bytewise.js';

/** A plan with a key by which rows of the table are found. */
export type UpsertPlan = LoadPlan & { conflict: Conflict };

/** The staged rows: `csvjobs_row`, the parts of the key as `csvjobs_k0`, …, the columns of the plan as `csvjobs_c0`, … */
export function stagedRows({ columns, conflict }: UpsertPlan): string {
  const keys = conflict.key.parts.map(({ expression }, at) => `(${expression}) as csvjobs_k${at}`);
  const values = columns.map(({ name }, at) => `${quoteIdentifier(name)} as csvjobs_c${at}`);
  return `(select ${[`${ROW_NUMBER} as csvjobs_row`, ...keys, ...values].join(', ')} from ${STAGE})`;
}

/**
 * The table as `t`. A unique key holds for the table itself, not for those that inherit from it; that of a partitioned one holds for
 * all its partitions.
 */
export function tableAsT({ target }: UpsertPlan): string {
  return `${target.kind === 'partitioned table' ? '' : 'only '}${tableOf(target)} t`;
}

/** Whether a row of the table has the key of a staged row. @param of the staged row */
export function hasKey({ conflict: { key } }: UpsertPlan, of: string): string {
  const equal = key.parts.map(({ expression }, at) => {
    const value = `${of}.csvjobs_k${at}`;
    const same = `(${expression}) = ${value}`;
    // An index finds both; it does not find `is not distinct from`.
    return key.nullsNotDistinct ? `(${same} or ((${expression}) is null and ${value} is null))` : same;
  });
  return equal.join(' and ');
}

/**
 * Whether an update would change a row. Values are compared byte by byte: of equal texts in another case, or of 1.0 and 1.00,
 * the file's is what the person wants to have, and some types know no equality, or one of areas.
 * @param of the staged row
 */
export function isChanged(plan: UpsertPlan, of: string): string {
  const { sets } = plan.conflict;
  const images = sets.filter((column) => !isBytewise(column));
  const differ = sets.filter(isBytewise).map((column) => differs(plan, column, of));
  if (images.length > 0) {
    const there = images.map(inTable);
    const wanted = images.map((column) => newValue(plan, column, of));
    // The operator of this function, between two rows, would be taken apart into one for each column.
    differ.push(`pg_catalog.record_image_ne(row(${there.join(', ')}), row(${wanted.join(', ')}))`);
  }
  return differ.length === 0 ? 'false' : `(${differ.join(' or ')})`;
}

/** The same of one column whose equality is that of bytes. */
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
      const value = `${of}.csvjobs_c${at}`;
      const fresh = conflict.kept.find(({ column }) => column === name);
      return fresh ? `case when ${isMissing(value)} then ${fresh.expression} else ${value} end` : value;
    })
    .join(', ');
}

/** The reason for which a row is refused whose key the table lacks, as SQL. @param values the parts of its key, without their numbers */
export function notInTable({ target, conflict: { key } }: UpsertPlan, values: string): string {
  return reason('not_in_table', onlyColumn(key), {
    table: literal(target.table.name),
    key: shownKey(key, values),
    constraint: literal(key.name),
  });
}

/** The column to blame for a key: its only one. */
export function onlyColumn({ columns }: TargetKey): string | undefined {
  return columns.length === 1 ? columns[0] : undefined;
}

/** What a column has after an update. */
function newValue(plan: UpsertPlan, column: StagedColumn, of: string): string {
  const value = staged(plan, column, of);
  return isKept(plan, column)
    ? `case when ${isMissing(value)} then ${inTable(column)} else ${value} end`
    : value;
}

function staged({ columns }: UpsertPlan, { name }: StagedColumn, of: string): string {
  return `${of}.csvjobs_c${columns.findIndex((column) => column.name === name)}`;
}

function isKept({ conflict }: UpsertPlan, { name }: StagedColumn): boolean {
  return conflict.kept.some(({ column }) => column === name);
}

/** A value of the table in the type of the stage, which has no domains. */
function inTable({ name, type }: StagedColumn): string {
  const value = `t.${quoteIdentifier(name)}`;
  return type.domain === null ? value : `${value}::${type.base}`;
}

/** A row type with only NULL in it `is null` too; what counts is whether there is a value. */
function isMissing(value: string): string {
  return `${value} is not distinct from null`;
}
