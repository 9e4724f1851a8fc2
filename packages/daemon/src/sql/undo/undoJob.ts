/**
 * Undoes a job in one transaction (docs/decisions/0034-undo.md): restores rows that it has updated, removes rows that
 * it has inserted, unless they were changed since, and brings back rows that it has removed. All other rows stay and
 * are counted; another undo can process them.
 */
import { leftByUndo, type UndoCounts, type UndoResult } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { type Db, type Pool, transaction } from '../pool.js';
import { isRefusal } from '../target/attempt.js';
import { bothAltered } from './altered.js';
import { type EndedJob, holdEnded } from './endedJob.js';
import { IDS, openIds } from './jobIds.js';
import { removeEntries } from './journal.js';
import { WRITTEN } from './keptJob.js';
import { laterJobs, oneUndoAtATime } from './later.js';
import { assertIdsKept } from './lostIds.js';
import { assertOurs, assertUnmixed } from './ours.js';
import { findOwners, keepRestored } from './owners.js';
import { foreignKeysTo } from './references.js';
import { mustHaveRights } from './rights.js';
import { findUndoTarget, type UndoTarget } from './target.js';
import { undoRows } from './undoRows.js';
import { byHand } from './wayOut.js';

export interface UndoOptions {
  /** Who undoes it, for people. */
  by: string;
  /** Does everything and rolls it back. */
  dryRun: boolean;
}

/** The class of SQLSTATEs for values (PostgreSQL manual, appendix A). */
const DATA_EXCEPTION = '22';

/** How long to wait for a row that another transaction has locked. */
const LOCK_PATIENCE = '30s';

/**
 * @throws {Failure} `job_not_found`, `job_state_conflict`, `nothing_to_undo`; those of `findUndoTarget`;
 * `undo_refused` if the role lacks a right
 */
export async function undoJob(pool: Pool, id: string, options: UndoOptions): Promise<UndoResult> {
  let job: EndedJob | undefined;
  try {
    return await transaction(pool, async (db) => {
      await db.query(`set local lock_timeout = '${LOCK_PATIENCE}'`);
      await oneUndoAtATime(db, id);
      job = await holdEnded(db, id);
      const result = await undoWithin(db, job, options);
      // Triggers may have changed rows although nothing is undone.
      if (options.dryRun || result.removed + result.restored === 0) throw new OnlyTried(result);
      return result;
    });
  } catch (error) {
    if (error instanceof OnlyTried) return error.result;
    if (!isRefusal(error)) throw error;
    const { message, code } = error as Error & { code?: string };
    // An old value is not valid any more, for example because a label of its enum was renamed.
    const next = job && code?.startsWith(DATA_EXCEPTION) ? byHand(job) : 'nothing was changed';
    throw new Failure('undo_refused', `${message}; ${next}`, { cause: error });
  }
}

/** Rolls back a dry run, or an undo that undoes nothing. */
class OnlyTried extends Error {
  constructor(readonly result: UndoResult) {
    super('rolled back');
  }
}

async function undoWithin(db: Db, job: EndedJob, { by, dryRun }: UndoOptions): Promise<UndoResult> {
  const { id } = job;
  const target = await findUndoTarget(db, job, byHand(job));
  const children = await loadedChildren(db, id);
  await openIds(db, id);
  const foreignKeys = await foreignKeysTo(db, target.relation);
  await mustHaveRights(db, target, foreignKeys.length > 0);
  // Rows that an earlier undo has removed are not the job's any more.
  const inserted = target.inserted - job.undone.removed;
  await assertIdsKept(db, target, job, inserted + target.updated);
  const versions = `select unnest(was) as id from job_journal where job_id = '${id}'`;
  const owners = target.columns === null ? [] : await findOwners(db, target, versions);
  const { updates, inserts, back, left, refusals, altered } = await undoRows(db, target, owners, foreignKeys);
  await keepRestored(db, target);
  const stay = inserts.kept + inserts.refused + left.referenced - updates.referenced;
  const found = inserts.removed + stay;
  assertOurs({ ...target, inserted }, job, found);
  await assertUnmixed(db, target, job, found, foreignKeys);
  const others = inserted - found;
  const changedInserts = others > 0 ? Math.min(others, await changedCustomers(db, target)) : 0;
  const missing = updates.gone + others - changedInserts;
  const hides = missing > 0 && (await hidesRows(db, target));
  const counts: UndoCounts = {
    removed: inserts.removed,
    restored: updates.restored + back.restored,
    ...(altered && { altered }),
    ...left,
    refused: inserts.refused + updates.refused + back.refused,
    refusals,
    kept: inserts.kept + updates.kept,
    changed: updates.changed + changedInserts + back.taken,
    missing,
    ...(hides && { unseenBy: target.role }),
  };
  const done = [...updates.done, ...back.done];
  const changedBy = await laterJobs(db, target, [...updates.changedVersions, ...back.changedVersions]);
  await keepUndone(db, job, { by, counts, done });
  const { restored, kept, refused, changed, gone, referenced } = updates;
  const updated = restored + kept + refused + changed + gone + referenced + back.all;
  return {
    jobId: id,
    dryRun,
    inserted,
    updated,
    ...counts,
    ...(changedBy.length > 0 && { changedBy }),
    children,
  };
}

/** Records an undo. Removes restored entries from the journal. */
async function keepUndone(
  db: Db,
  { id, undone }: EndedJob,
  { by, counts, done }: { by: string; counts: UndoCounts; done: readonly string[] },
): Promise<void> {
  if (leftByUndo(counts) > 0 && done.length > 0) await removeEntries(db, id, done.join(' union all '));
  const altered = bothAltered(undone.altered ?? null, counts.altered ?? null);
  const sum = {
    ...counts,
    removed: undone.removed + counts.removed,
    restored: undone.restored + counts.restored,
    ...(altered && { altered }),
  };
  await db.query(
    `update jobs set status = 'undone', undone_at = clock_timestamp(), undone_by = $2, undone = $3 where id = $1`,
    [id, by, JSON.stringify(sum)],
  );
}

/** Counts rows of customers that were changed since; they still name their job. */
async function changedCustomers(db: Db, { isCustomers, table, jobId }: UndoTarget): Promise<number> {
  if (!isCustomers) return 0;
  const { rows } = await db.query<{ n: number }>(
    `select count(*) as n from ${table} where job_id = $1 and xmin not in (select id from ${IDS})`,
    [jobId],
  );
  return rows[0]!.n;
}

async function hidesRows(db: Db, { relation }: UndoTarget): Promise<boolean> {
  const { rows } = await db.query<{ active: boolean }>('select row_security_active($1::oid) as active', [
    relation,
  ]);
  return rows[0]!.active;
}

/** Returns the jobs with fixed records of this job, and of those jobs in turn, that have loaded rows. */
async function loadedChildren(db: Db, id: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `with recursive below as (
       select id from jobs where parent = $1
       union select jobs.id from jobs join below on jobs.parent = below.id)
     select id from jobs join below using (id)
     where ${WRITTEN} > 0 and status <> 'undone' and deleted_at is null order by created_at, id`,
    [id],
  );
  return rows.map((row) => row.id);
}
