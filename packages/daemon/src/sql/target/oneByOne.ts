/**
 * The last resort, for rows that one statement cannot insert together: each is inserted on its own, in file order and
 * in its own subtransaction, so that PostgreSQL names the row and what it violated.
 *
 * The loop only stores PostgreSQL's error fields; they become reasons here. A row that a trigger refuses takes 12 µs
 * of the backend. It took 32 µs when the loop looked up each row on the stage and built reasons as jsonb.
 */
import { changesRows, type TargetReason } from '@csvjobs/shared';
import type { Client } from '../pool.js';
import { GROWTH } from '../undo/changedOthers.js';
import { MARK, noteMarked, openMarks } from '../undo/transactionIds.js';
import { notTheRow } from './attempt.js';
import { rethrowDenied } from './denied.js';
import { doBlock } from './doBlock.js';
import { inTableQuery, inTableSql, stagedKeys } from './duplicates.js';
import { literal } from './literal.js';
import { columnList, type LoadPlan, ROW_NUMBER, tableOf } from './loadPlan.js';
import { type Routed, routed } from './routed.js';
import { type RowError, reasonOf } from './rowError.js';
import { isUnknown, runLoop } from './runLoop.js';
import { closeScratch, openScratch } from './scratch.js';
import { STAGE } from './stage.js';

/** A row that was not inserted, by its number on the stage, and why. */
export interface RefusedRow {
  row: number;
  reasons: TargetReason[];
}

const REFUSED = 'pg_temp.csvjobs_refused';
const REFUSED_COLUMNS =
  'row bigint, found jsonb, state text, con text, col text, tab text, sch text, says text, more text, hint text';

/**
 * Inserts the rows left on the stage. Returns how many were inserted, and the refused rows with their reasons. An
 * error that no row caused (a deadlock, a full disk, a missing privilege) stops it and is thrown.
 */
export async function insertOneByOne(
  client: Client,
  plan: LoadPlan,
): Promise<{ inserted: number; refused: RefusedRow[] }> {
  await createRefusals(client);
  const find = findKey(plan);
  // Rows are looked up by their keys; without an index that takes 3 ms in a stage of 50,000.
  if (find !== '') await client.query(indexStage());
  await openMarks(client);
  await runLoop(client, loop(plan, find));
  await noteMarked(client);
  const refused = await takeRefusals(client, plan);
  const { rows: counted } = await client.query<{ staged: number }>(`select count(*) as staged from ${STAGE}`);
  return { inserted: counted[0]!.staged - refused.length, refused };
}

/** Creates the table in which a loop stores the refused rows. */
export async function createRefusals(client: Client): Promise<void> {
  await openScratch(client, 'csvjobs_refused', REFUSED_COLUMNS);
}

/** Returns what a loop has stored, as reasons in file order, and closes the table. */
export async function takeRefusals(client: Client, plan: LoadPlan): Promise<RefusedRow[]> {
  const { rows } = await client.query<Refusal>(refusalsQuery(plan));
  await closeScratch(client, 'csvjobs_refused', REFUSED_COLUMNS);
  return rows.map((each) => ({ row: each.row, reasons: each.found ?? [reasonOf(plan, each)] }));
}

/** Creates the index of the stage, unless an earlier batch of the transaction has done so. */
export function indexStage(): string {
  return doBlock(`begin
    if not exists (select from pg_index where indrelid = '${STAGE}'::regclass) then create index on ${STAGE} (${ROW_NUMBER}); end if;
  end`);
}

/** What the loop stores for a row: its reasons if known, otherwise PostgreSQL's error. */
interface Refusal extends RowError {
  row: number;
  found: TargetReason[] | null;
}

/** The SQLSTATE by which a loop leaves the subtransaction of a row that a trigger or a rule has dropped. */
const DROPPED_STATE = 'CSVJD';

/** Rejects the row, and with it everything that its triggers have written: a rejected row leaves nothing. */
export function drop({ child }: Routed): string {
  return `raise exception using errcode = '${DROPPED_STATE}', message = ${child};`;
}

/** Variables of a loop that stores refusals. */
export const REFUSAL_VARIABLES = `csvjobs$n bigint; csvjobs$went bigint; csvjobs$found jsonb; csvjobs$state text; csvjobs$con text;
      csvjobs$col text; csvjobs$tab text; csvjobs$sch text; csvjobs$says text; csvjobs$more text; csvjobs$hint text; csvjobs$where text;`;

/** Reads the caught error; rethrows it if no row caused it. */
export const CAUGHT = `get stacked diagnostics csvjobs$state = returned_sqlstate, csvjobs$con = constraint_name, csvjobs$col = column_name,
            csvjobs$tab = table_name, csvjobs$sch = schema_name, csvjobs$says = message_text, csvjobs$more = pg_exception_detail,
            csvjobs$hint = pg_exception_hint;
          if ${notTheRow('csvjobs$state')} then raise; end if;
          ${rethrowDenied('csvjobs$state', 'csvjobs$where', isUnknown('csvjobs$says'))}
          csvjobs$found := case when csvjobs$state = '${DROPPED_STATE}'
            then jsonb_build_array(jsonb_build_object('code', 'dropped_by_trigger', 'params',
              jsonb_strip_nulls(jsonb_build_object('storedIn', nullif(csvjobs$says, ' '))))) end;`;

/** Stores the refusal of a row with the caught error. */
export const NOTE_CAUGHT = `insert into ${REFUSED} values (csvjobs$n, csvjobs$found, csvjobs$state, csvjobs$con, csvjobs$col, csvjobs$tab, csvjobs$sch,
            csvjobs$says, csvjobs$more, csvjobs$hint);`;

/** Stores the refusal of a row for a known reason. @param reason an SQL expression */
export function noteRefused(reason: string): string {
  return `insert into ${REFUSED} (row, found) values (csvjobs$n, jsonb_build_array(${reason}));`;
}

function loop(plan: LoadPlan, find: string): string {
  const { columns } = plan;
  const route = routed(plan.target);
  return doBlock(`
    declare
      csvjobs$staged record; ${REFUSAL_VARIABLES} ${route.variables} ${GROWTH.variables}
    begin
      ${route.begin}
      ${GROWTH.begin}
      for csvjobs$staged in select * from ${STAGE} order by ${ROW_NUMBER} loop
        csvjobs$n := csvjobs$staged.${ROW_NUMBER};
        ${route.before}
        ${GROWTH.before}
        begin
          insert into ${tableOf(plan.target)} (${columnList(columns)}) values (${columnList(columns, 'csvjobs$staged')});
          get diagnostics csvjobs$went = row_count;
          if csvjobs$went = 0 then ${drop(route)} end if;
          ${MARK};
        exception when others then
          ${CAUGHT}
          ${GROWTH.refused}
          ${find}
          ${NOTE_CAUGHT}
        end;
      end loop;
    end`);
}

/**
 * Code that finds the key of the table that a row collides with: the first in the target's order, as in lookups in
 * advance. PostgreSQL may name another one if a row collides by several. If a trigger may change rows, or the table
 * cannot be read, there is only PostgreSQL's own message.
 */
function findKey(plan: LoadPlan): string {
  if (changesRows(plan.target)) return '';
  const looks = stagedKeys(plan).map(
    (key) =>
      `if csvjobs$found is null then
              select jsonb_build_array(${inTableSql(plan, key, 'k.key')}) into csvjobs$found from (${inTableQuery(plan, key)}) k where k.row = csvjobs$n;
            end if;`,
  );
  if (looks.length === 0) return '';
  return `if csvjobs$state = '23505' then
            begin ${looks.join(' ')} exception when others then csvjobs$found := null; end;
          end if;`;
}

/**
 * Query for what the loop stored. An error of a partition is one of the table, whose constraints and indexes it has under
 * names of its own. If PostgreSQL names a constraint or an index but no column, it adds the first column of that.
 */
function refusalsQuery({ target }: LoadPlan): string {
  const table = `${literal(tableOf(target))}::regclass`;
  return `with broken as (select distinct sch, tab, con from ${REFUSED} where tab <> ''),
      own as (
        select b.*, a.attname::text as first, root.relname::text as index
        from broken b join pg_namespace n on n.nspname = b.sch join pg_class c on c.relnamespace = n.oid and c.relname = b.tab
          left join pg_constraint k on k.conrelid = c.oid and k.conname = b.con
          left join pg_class i on i.relnamespace = n.oid and i.relname = b.con
          left join pg_index x on x.indexrelid = i.oid
          left join pg_attribute a on a.attrelid = c.oid and a.attnum = coalesce(k.conkey[1], x.indkey[0]) and a.attnum > 0
          left join pg_class root on root.oid = pg_partition_root(i.oid)
        where c.oid = ${table} or c.oid in (select relid from pg_partition_tree(${table}))
      )
    select r.row, r.found, r.state, coalesce(own.index, r.con) as con, coalesce(nullif(r.col, ''), own.first, '') as col,
      own.tab is not null as own, r.tab, r.says, r.more, r.hint
    from ${REFUSED} r left join own on (own.sch, own.tab, own.con) = (r.sch, r.tab, r.con) order by r.row`;
}
