/**
 * The last way, for rows that a statement for all of them cannot take: each is inserted for itself, in the order of the
 * file, in a subtransaction of its own, so that PostgreSQL names the row and what it broke. 27 µs a row.
 */
import type { TargetReason } from '@csvjobs/shared';
import type { Client } from '../pool.js';
import { inTableQuery, stagedKeys } from './duplicates.js';
import { changesRows, columnList, type LoadPlan, ROW_NUMBER, tableOf } from './loadPlan.js';
import { literal, reason } from './rowFaults.js';
import { STAGE } from './stage.js';

/** A row that did not go in, by its number on the stage, and why. */
export interface RefusedRow {
  row: number;
  reasons: TargetReason[];
}

const REFUSED = 'pg_temp.csvjobs_refused';

/**
 * Inserts the staged rows that are left. Returns how many went in, and the rows that did not, as rows of `row` and
 * `reasons`. What is no row's fault (a deadlock, a full disk, a stop of the server) ends it, and is thrown.
 */
export async function insertOneByOne(
  client: Client,
  plan: LoadPlan,
): Promise<{ inserted: number; refused: RefusedRow[] }> {
  await client.query(`create temporary table csvjobs_refused (row bigint, reasons jsonb) on commit drop`);
  // Each row is looked up: without an index that takes 3 ms in a stage of 50,000.
  await client.query(`create index on ${STAGE} (${ROW_NUMBER})`);
  await client.query(loop(plan));
  const { rows } = await client.query<RefusedRow>(`select row, reasons from ${REFUSED} order by row`);
  const { rows: counted } = await client.query<{ staged: number }>(`select count(*) as staged from ${STAGE}`);
  await client.query(`drop table ${REFUSED}`);
  return { inserted: counted[0]!.staged - rows.length, refused: rows };
}

/** Classes of SQLSTATE that are no row's fault: connection, transaction rollback, resources, operator, system, internal. */
const NOT_THE_ROW = ['08', '25', '40', '53', '54', '55', '57', '58', 'F0', 'XX'];

/** Whether an SQLSTATE is one of those, as SQL. */
export function notTheRow(state: string): string {
  return `left(${state}, 2) = any (${literal(`{${NOT_THE_ROW.join(',')}}`)})`;
}

/** Variables have names that no column has: a column of the same name would be ambiguous in the expressions of keys. */
function loop(plan: LoadPlan): string {
  const table = tableOf(plan.target);
  const { columns } = plan;
  const row = `insert into ${table} (${columnList(columns)})
    select ${columnList(columns, 's')} from ${STAGE} s where s.${ROW_NUMBER} = csvjobs_n`;
  const body = `
    declare
      csvjobs_n bigint; csvjobs_went bigint; csvjobs_found jsonb; csvjobs_state text; csvjobs_con text; csvjobs_col text; csvjobs_tab text; csvjobs_sch text;
      csvjobs_says text; csvjobs_more text;
    begin
      for csvjobs_n in select ${ROW_NUMBER} from ${STAGE} order by 1 loop
        begin
          ${row};
          get diagnostics csvjobs_went = row_count;
          if csvjobs_went = 0 then
            insert into ${REFUSED} values (csvjobs_n, '[{"code": "dropped_by_trigger", "params": {}}]');
          end if;
        exception when others then
          get stacked diagnostics csvjobs_state = returned_sqlstate, csvjobs_con = constraint_name, csvjobs_col = column_name,
            csvjobs_tab = table_name, csvjobs_sch = schema_name, csvjobs_says = message_text, csvjobs_more = pg_exception_detail;
          if ${notTheRow('csvjobs_state')} then raise; end if;
          csvjobs_found := null;
          ${findColumn(plan)}
          ${findKey(plan)}
          insert into ${REFUSED} values (csvjobs_n, coalesce(csvjobs_found, jsonb_build_array(${refusal(plan)})));
        end;
      end loop;
    end`;
  return `do language plpgsql ${literal(body)}`;
}

/**
 * Which key of the table a row collides with: the first in the order of the target, as where rows are looked up beforehand.
 * PostgreSQL names another one where a row collides by several. Where a trigger may change rows, or the table cannot be read,
 * its own words are all there is.
 */
function findKey(plan: LoadPlan): string {
  if (changesRows(plan.target)) return '';
  const looks = stagedKeys(plan).map(
    (key) =>
      `if csvjobs_found is null then
              select k.reasons into csvjobs_found from (${inTableQuery(plan, key)}) k where k.row = csvjobs_n;
            end if;`,
  );
  if (looks.length === 0) return '';
  return `if csvjobs_state = '23505' then
            begin ${looks.join(' ')} exception when others then csvjobs_found := null; end;
          end if;`;
}

/** The first column of the constraint that a row breaks, of the table or of one of its partitions. */
function findColumn({ target }: LoadPlan): string {
  const table = `${literal(tableOf(target))}::regclass`;
  return `if csvjobs_con <> '' and csvjobs_col = '' then
            select a.attname into csvjobs_col
            from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_constraint k on k.conrelid = c.oid
              join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
            where n.nspname = csvjobs_sch and c.relname = csvjobs_tab and k.conname = csvjobs_con
              and (c.oid = ${table} or c.oid in (select relid from pg_partition_tree(${table})));
          end if;`;
}

/** The reason of what was caught, as SQL: by the kind of error where the message is ours to word, else PostgreSQL's own. */
function refusal({ target }: LoadPlan): string {
  return `case
    when csvjobs_state = '23502' then jsonb_build_object('code', 'required', 'column', csvjobs_col, 'params', jsonb_build_object())
    when csvjobs_state = '23505' and csvjobs_tab = ${literal(target.table.name)} then jsonb_build_object('code', 'duplicate_in_table', 'params',
      jsonb_build_object('table', csvjobs_tab, 'constraint', csvjobs_con, 'key', coalesce(substring(csvjobs_more from '^[^(]*\\((.*)\\)[^)]*$'), csvjobs_con)))
    ${checks(target)}
    else jsonb_strip_nulls(jsonb_build_object('code', 'refused', 'column', nullif(csvjobs_col, ''))) || jsonb_build_object('params',
      jsonb_build_object('sqlstate', csvjobs_state, 'constraint', nullif(csvjobs_con, ''),
        'says', case when csvjobs_state = '23P01' and csvjobs_more <> '' then rtrim(csvjobs_more, '.') else csvjobs_says end))
  end`;
}

/** The checks of the table are known: what they demand is said as it is where they are looked at beforehand. */
function checks({ table, checks: known }: LoadPlan['target']): string {
  const own = `csvjobs_sch = ${literal(table.schema)} and csvjobs_tab = ${literal(table.name)}`;
  return known
    .map(
      ({
        name,
        expression,
        columns: [first],
      }) => `when csvjobs_state = '23514' and ${own} and csvjobs_con = ${literal(name)}
      then ${reason('check_failed', first, { constraint: literal(name), expression: literal(expression) })}`,
    )
    .join('\n    ');
}
