/**
 * Finds faults of single staged rows: NOT NULL, domains, CHECK, foreign keys. One statement, built from the catalog,
 * checks all of them. It only finds out earlier what PostgreSQL would say at the insert, so anything that it cannot
 * check (a constraint over columns that the file lacks, a table that this role may not read) is left to the insert.
 */
import { quoteIdentifier, quoteTableName, type TargetForeignKey } from '@csvjobs/shared';
import { literal } from './literal.js';
import { type LoadPlan, placesOf, ROW_NUMBER, type StagedColumn } from './loadPlan.js';
import { STAGE, UNREADABLE } from './stage.js';

export { literal } from './literal.js';

/** A condition that a faulty row meets, and the reason as an SQL expression of type jsonb (TargetReason in shared). */
interface RowFault {
  condition: string;
  reason: string;
  /** The columns that it reads. */
  columns: readonly string[];
}

/**
 * Builds a statement that returns a row for each faulty staged row: its number as `row`, and its reasons in order as
 * `reasons`. Returns undefined if there is nothing to check.
 * @param readable the referenced tables that this role may read, as written by quoteTableName, each with its rows as SQL
 * @param among a condition on `s`, the stage, that rows must meet
 */
export function rowFaultsQuery(
  plan: LoadPlan,
  readable: ReadonlyMap<string, string>,
  among = 'true',
): string | undefined {
  const faults = [...columnFaults(plan), ...checkFaults(plan), ...foreignKeyFaults(plan, readable)].map(
    ({ condition, reason, columns }) => ({
      condition: `${isReadable(plan, columns)} and (${condition})`,
      reason,
    }),
  );
  if (faults.length === 0) return undefined;
  const found = faults.map(({ condition, reason }) => `case when ${condition} then ${reason} end`);
  // The expressions of checks name columns without a table, so no other names may be in their scope.
  return `select row, jsonb_path_query_array(found, '$[*] ? (@ != null)') as reasons from (
      select s.${ROW_NUMBER} as row, jsonb_build_array(${found.join(', ')}) as found from ${STAGE} s
      where ${among} and (${faults.map(({ condition }) => `(${condition})`).join(' or ')})
    ) faulty order by row`;
}

/** A row is already refused for its unreadable columns; conditions on them cannot be judged. */
function isReadable(plan: LoadPlan, columns: readonly string[]): string {
  const places = columns.flatMap((name) => placesOf(plan, name));
  return `(s.${UNREADABLE} is null or not s.${UNREADABLE} && '{${places.join()}}')`;
}

function columnFaults({ columns }: LoadPlan): RowFault[] {
  return columns.flatMap((column) => {
    const value = valueIn(column);
    const faults: RowFault[] = [];
    // A row type with only NULLs in it also `is null`; NOT NULL checks whether the value itself is there.
    if (column.notNull || column.type.domain?.notNull) {
      faults.push({
        condition: `${value} is not distinct from null`,
        reason: reason('required', column.name, {}),
        columns: [column.name],
      });
    }
    if (column.type.domain && column.type.domain.checks.length > 0) {
      const type = literal(column.type.sql);
      faults.push({
        condition: `${value} is distinct from null and not pg_input_is_valid(${value}::text, ${type})`,
        reason: reason('invalid_value', column.name, {
          value: `${value}::text`,
          type,
          says: `(pg_input_error_info(${value}::text, ${type})).message`,
          sqlstate: `(pg_input_error_info(${value}::text, ${type})).sql_error_code`,
          constraint: domainCheck(type, `(pg_input_error_info(${value}::text, ${type})).sql_error_code`),
        }),
        columns: [column.name],
      });
    }
    return faults;
  });
}

/**
 * Expressions from the catalog have unqualified column names, so they work on the stage as well. NULL is not a fault.
 */
function checkFaults({ target, columns }: LoadPlan): RowFault[] {
  const staged = new Set(columns.map(({ name }) => name));
  return target.checks
    .filter(
      (check) =>
        check.enforced && check.columns.length > 0 && check.columns.every((name) => staged.has(name)),
    )
    .map(({ name, expression, columns: named }) => ({
      condition: `(${expression}) is false`,
      reason: reason('check_failed', named[0], {
        constraint: literal(name),
        expression: literal(expression),
      }),
      columns: named,
    }));
}

/** MATCH SIMPLE ignores rows with a NULL among the columns. A MATCH FULL key with some NULLs is left to PostgreSQL. */
function foreignKeyFaults({ target, columns }: LoadPlan, readable: ReadonlyMap<string, string>): RowFault[] {
  const staged = new Map(columns.map((column) => [column.name, column]));
  return target.foreignKeys
    .filter(
      (key) =>
        key.enforced && key.columns.every((name) => staged.has(name)) && isElsewhere(key, target.table),
    )
    .filter(({ references }) => readable.has(quoteTableName(references)))
    .map((key) => {
      const values = key.columns.map((name) => valueIn(staged.get(name)!));
      const there = values.map((value) => `${value} is distinct from null`);
      const shown = values.map((value) => `${value}::text`).join(`, `);
      const columnsShown = key.referencedColumns.join(', ');
      return {
        condition: `${there.join(' and ')} and not ${isReferenced(key, values, readable.get(quoteTableName(key.references))!)}`,
        reason: reason('foreign_key_missing', key.columns[0], {
          value: `concat_ws(', ', ${shown})`,
          references: literal(`${key.references.name}.${columnsShown}`),
          constraint: literal(key.name),
        }),
        columns: key.columns,
      };
    });
}

/**
 * Condition: the referenced row exists; for a PERIOD, rows with the same other values together cover it.
 * @param values of the key's columns, as SQL
 * @param rows of the referenced table, as SQL
 */
function isReferenced(
  { referencedColumns, period }: TargetForeignKey,
  values: readonly string[],
  rows: string,
): string {
  const last = referencedColumns.length - 1;
  const same = referencedColumns.map(
    (name, at) => `r.${quoteIdentifier(name)} ${period && at === last ? '&&' : '='} ${values[at]}`,
  );
  const found = `from ${rows} r where ${same.join(' and ')}`;
  if (!period) return `exists (select ${found})`;
  const whole = `range_agg(r.${quoteIdentifier(referencedColumns[last]!)})`;
  return `coalesce((select ${values[last]} <@ ${whole} ${found}), false)`;
}

/** A key to the table itself depends on other rows of the file: loadStaged.ts inserts such rows one by one. */
function isElsewhere({ references }: TargetForeignKey, table: { schema: string; name: string }): boolean {
  return references.schema !== table.schema || references.name !== table.name;
}

function valueIn({ name }: Pick<StagedColumn, 'name'>): string {
  return `s.${quoteIdentifier(name)}`;
}

/**
 * SQL for the name of the check that a value violates, if the domain has only one, because PostgreSQL gives the name
 * only within its message; otherwise null. None of the names in it is a variable of the loops that use it.
 * @param type the name of the domain, as an SQL constant
 */
export function domainCheck(type: string, sqlstate: string): string {
  return `case when ${sqlstate} = '23514' then (
    with recursive layers as (
      select ${type}::regtype::oid as oid union all
      select under.typbasetype from layers join pg_type under using (oid) where under.typtype = 'd'
    ) select case when count(*) = 1 then min(k.conname::text) end
    from pg_constraint k join layers on k.contypid = layers.oid where k.contype = 'c') end`;
}

/** A TargetReason as an SQL expression of type jsonb. @param params SQL expressions */
export function reason(code: string, column: string | undefined, params: Record<string, string>): string {
  const pairs = Object.entries(params).flatMap(([name, value]) => [literal(name), value]);
  const named = column === undefined ? '' : `'column', ${literal(column)}, `;
  return `jsonb_build_object('code', ${literal(code)}, ${named}'params', jsonb_build_object(${pairs.join(', ')}))`;
}
