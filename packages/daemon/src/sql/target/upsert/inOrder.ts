/**
 * Applies staged rows one by one in file order: those that may depend on each other, that PostgreSQL refused in a
 * statement with others, or that another session is working on. Each is looked up and, if it differs, written in its
 * own subtransaction.
 */
import type { Client } from '../../pool.js';
import { CHANGES, GROWTH, leaveOut } from '../../undo/changedOthers.js';
import { journalOne } from '../../undo/journal.js';
import { MARK, noteMarked, openMarks } from '../../undo/transactionIds.js';
import { doBlock } from '../doBlock.js';
import { literal } from '../literal.js';
import { columnList, ROW_NUMBER, tableOf } from '../loadPlan.js';
import {
  CAUGHT,
  createRefusals,
  drop,
  indexStage,
  NOTE_CAUGHT,
  noteRefused,
  REFUSAL_VARIABLES,
  takeRefusals,
} from '../oneByOne.js';
import { routed } from '../routed.js';
import { reason } from '../rowFaults.js';
import { runLoop } from '../runLoop.js';
import { closeScratch, openScratch } from '../scratch.js';
import { STAGE } from '../stage.js';
import { nameAllFaults } from './allFaults.js';
import {
  assignments,
  freshValues,
  hasKey,
  isChanged,
  notInTable,
  stagedRows,
  tableAsT,
  type UpsertPlan,
} from './statements.js';
import type { Upserted } from './upserted.js';

/** Maximum number of lookups for a row whose key another session inserts, deletes or changes at the same moment. */
const TRIES = 5;

const COUNT_COLUMNS = 'inserted bigint, updated bigint, unchanged bigint, skipped bigint';

/** @param among a condition on the number of a staged row */
export async function writeInOrder(
  client: Client,
  plan: UpsertPlan,
  jobId: string,
  among: string,
): Promise<Upserted> {
  await createRefusals(client);
  await openScratch(client, 'csvjobs_counts', COUNT_COLUMNS);
  await openMarks(client);
  // Computed parts of the key, and its predicate, are computed row by row, because that may fail for a value.
  if (isComputed(plan)) await client.query(indexStage());
  await runLoop(client, loop(plan, jobId, among));
  await noteMarked(client);
  const { rows } = await client.query<Omit<Upserted, 'refused'>>('select * from pg_temp.csvjobs_counts');
  await closeScratch(client, 'csvjobs_counts', COUNT_COLUMNS);
  const refused = await takeRefusals(client, plan);
  return { ...rows[0]!, refused: await nameAllFaults(client, plan, refused) };
}

function isComputed({ conflict: { key } }: UpsertPlan): boolean {
  return key.predicate !== null || key.parts.some(({ column }) => column === null);
}

function loop(plan: UpsertPlan, jobId: string, among: string): string {
  const { conflict } = plan;
  const route = routed(plan.target);
  const s = 'csvjobs$s';
  // If the file has only its key, each known row is unchanged.
  const nothing = conflict.sets.length === 0;
  const known =
    conflict.onConflict === 'skip'
      ? 'csvjobs$skipped := csvjobs$skipped + 1; exit;'
      : nothing
        ? 'csvjobs$unchanged := csvjobs$unchanged + 1; exit;'
        : `if not csvjobs$changed then csvjobs$unchanged := csvjobs$unchanged + 1; exit; end if;
          ${update(plan, jobId, s)}`;
  const changed = conflict.onConflict === 'skip' ? 'false' : isChanged(plan, s);
  return doBlock(`
    declare
      ${s} record; csvjobs$at record; csvjobs$changed boolean; csvjobs$tries int; csvjobs$was text; csvjobs$before text;
      csvjobs$changes bigint; ${GROWTH.variables}
      ${REFUSAL_VARIABLES} ${route.variables}
      csvjobs$inserted bigint := 0; csvjobs$updated bigint := 0; csvjobs$unchanged bigint := 0; csvjobs$skipped bigint := 0;
    begin
      ${route.begin}
      ${GROWTH.begin}
      for ${isComputed(plan) ? 'csvjobs$at' : s} in
        select * from ${isComputed(plan) ? `(select ${ROW_NUMBER} as csvjobs$row from ${STAGE})` : stagedRows(plan)} s
        where s.csvjobs$row ${among} order by csvjobs$row
      loop
        ${isComputed(plan) ? compute(plan, s) : ''}
        csvjobs$n := ${s}.csvjobs$row;
        csvjobs$tries := 0;
        loop
          csvjobs$tries := csvjobs$tries + 1;
          select ${changed} into csvjobs$changed from ${tableAsT(plan)} where ${hasKey(plan, s)};
          if found then
            ${known}
          else
            ${conflict.updateOnly ? `${noteRefused(notInTable(plan, `${s}.csvjobs$k`))} exit;` : insert(plan, s)}
          end if;
        end loop;
      end loop;
      insert into pg_temp.csvjobs_counts values (csvjobs$inserted, csvjobs$updated, csvjobs$unchanged, csvjobs$skipped);
    end`);
}

function compute(plan: UpsertPlan, s: string): string {
  return `csvjobs$n := csvjobs$at.csvjobs$row;
        begin
          select * into ${s} from ${stagedRows(plan)} s where s.csvjobs$row = csvjobs$n;
        exception when others then
          ${CAUGHT}
          ${NOTE_CAUGHT}
          continue;
        end;`;
}

/**
 * First locks and rechecks the row. If the update then changes no row, a trigger prevented it, not a faster session.
 */
function update(plan: UpsertPlan, jobId: string, s: string): string {
  const row = `from ${tableAsT(plan)} where ${hasKey(plan, s)}`;
  const route = routed(plan.target);
  return `csvjobs$changes := null;
          begin
            select ${isChanged(plan, s)}, t.xmin::text, (t.*)::text into csvjobs$changed, csvjobs$was, csvjobs$before ${row} for update;
            if not found then
              if csvjobs$tries < ${TRIES} then continue; end if;
              ${noteRefused(HIDDEN)}
              exit;
            end if;
            if not csvjobs$changed then csvjobs$unchanged := csvjobs$unchanged + 1; exit; end if;
            ${route.before}
            ${GROWTH.before}
            csvjobs$changes := ${CHANGES};
            update ${tableAsT(plan)} set ${assignments(plan, s)} where ${hasKey(plan, s)};
            get diagnostics csvjobs$went = row_count;
            if csvjobs$went > 0 then
              csvjobs$updated := csvjobs$updated + 1;
              ${journalOne(jobId, plan.conflict.undoKey, 'csvjobs$before', 'csvjobs$was')};
            else
              ${drop(route)}
            end if;
            ${MARK};
            exit;
          exception when others then
            ${CAUGHT}
            if csvjobs$changes is not null then
              perform ${leaveOut(`${CHANGES} - csvjobs$changes`)};
              ${GROWTH.refused}
            end if;
            ${NOTE_CAUGHT}
            exit;
          end;`;
}

/** A policy lets this role see a row but not update it. */
const HIDDEN = reason('refused', undefined, {
  says: literal('this database role may not update the row'),
  sqlstate: literal('42501'),
  constraint: 'null',
});

/** Looks the row up again if its key was taken meanwhile. */
function insert(plan: UpsertPlan, s: string): string {
  const { target, columns } = plan;
  const route = routed(target);
  return `${GROWTH.before}
          begin
            ${route.before}
            insert into ${tableOf(target)} (${columnList(columns)}) values (${freshValues(plan, s)});
            get diagnostics csvjobs$went = row_count;
            if csvjobs$went > 0 then csvjobs$inserted := csvjobs$inserted + 1;
            else ${drop(route)} end if;
            ${MARK};
            exit;
          exception when others then
            ${CAUGHT}
            ${GROWTH.refused}
            if csvjobs$state = '23505' and csvjobs$tries < ${TRIES}
              and exists (select from ${tableAsT(plan)} where ${hasKey(plan, s)}) then continue; end if;
            ${NOTE_CAUGHT}
            exit;
          end;`;
}
