/**
 * What is wrong with staged rows each by itself: NOT NULL, domains, CHECK, foreign keys. One statement asks for all of it,
 * built from the catalog; it only finds out sooner what PostgreSQL would say to the insert, so whatever it cannot look at
 * (a constraint over columns that the file lacks, a table that this role may not read) is left to that.
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
  /** The columns that it looks at. */
  columns: readonly string[];
}

/**
 * A statement that answers a row for each faulty staged row: its number as `row`, and its reasons in order as `reasons`.
 * Undefined where there is nothing to ask for.
 * @param readable the referenced tables that this role may read, as quoteTableName writes them
 * @param among a condition on `s`, the stage, that rows must meet
 */
export function rowFaultsQuery(
  plan: LoadPlan,
  readable: ReadonlySet<string>,
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
  // The expressions of checks name columns without a table, so nothing else in their reach may have a name.
  return `select row, jsonb_path_query_array(found, '$[*] ? (@ != null)') as reasons from (
      select s.${ROW_NUMBER} as row, jsonb_build_array(${found.join(', ')}) as found from ${STAGE} s
      where ${among} and (${faults.map(({ condition }) => `(${condition})`).join(' or ')})
    ) faulty order by row`;
}

/** A row is refused for its unreadable columns already; what looks at one of them cannot be judged. */
function isReadable(plan: LoadPlan, columns: readonly string[]): string {
  const places = columns.flatMap((name) => placesOf(plan, name));
  return `(s.${UNREADABLE} is null or not s.${UNREADABLE} && '{${places.join()}}')`;
}

function columnFaults({ columns }: LoadPlan): RowFault[] {
  return columns.flatMap((column) => {
    const value = valueIn(column);
    const faults: RowFault[] = [];
    // A row type with only NULL in it `is null` too; what NOT NULL asks is whether the value itself is there.
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

/** Expressions of the catalog name columns as they are, so they hold for the stage as it is. NULL is no fault. */
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

/** MATCH SIMPLE asks nothing of a row with a NULL among the columns; MATCH FULL is left to PostgreSQL unless all are there. */
function foreignKeyFaults({ target, columns }: LoadPlan, readable: ReadonlySet<string>): RowFault[] {
  const staged = new Map(columns.map((column) => [column.name, column]));
  return target.foreignKeys
    .filter(
      (key) =>
        key.enforced && key.columns.every((name) => staged.has(name)) && isElsewhere(key, target.table),
    )
    .filter(({ references }) => readable.has(quoteTableName(references)))
    .map((key) => {
      const values = key.columns.map((name) => valueIn(staged.get(name)!));
      const equal = key.referencedColumns.map((name, at) => `r.${quoteIdentifier(name)} = ${values[at]}`);
      const there = values.map((value) => `${value} is distinct from null`);
      const shown = values.map((value) => `${value}::text`).join(`, `);
      const columnsShown = key.referencedColumns.join(', ');
      return {
        condition: `${there.join(' and ')} and not exists (
          select from ${quoteTableName(key.references)} r where ${equal.join(' and ')})`,
        reason: reason('foreign_key_missing', key.columns[0], {
          value: `concat_ws(', ', ${shown})`,
          references: literal(`${key.references.name}.${columnsShown}`),
          constraint: literal(key.name),
        }),
        columns: key.columns,
      };
    });
}

/** A key to the table itself depends on the other rows of the file: see selfReferences.ts. */
function isElsewhere({ references }: TargetForeignKey, table: { schema: string; name: string }): boolean {
  return references.schema !== table.schema || references.name !== table.name;
}

function valueIn({ name }: Pick<StagedColumn, 'name'>): string {
  return `s.${quoteIdentifier(name)}`;
}

/**
 * The name of the check that a value breaks, as SQL: of a domain with one check, as PostgreSQL says it in words only; else null.
 * Names in it are no variables of the loops that it stands in.
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
