/** The rows that a job has removed, as they were: sql/undo/journal.ts describes how they are kept. */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { ENTRIES, ENTRY } from './journal.js';
import { leaveRemovedAgain } from './removedAgain.js';
import type { UndoTarget } from './target.js';

/** The removed rows: `csvjobs$entry` and `csvjobs$was` of the journal, and the row as `csvjobs$row`. */
export const BACK = 'pg_temp.csvjobs_back';
/** The entries of those that were brought back, as `entry`. */
export const RETURNED = 'pg_temp.csvjobs_returned';

/** What is known of the rows in BACK. */
export interface RemovedRows {
  /** All that the job has removed. */
  all: number;
  /** Queries for the ids of the transactions that have removed rows again: those are not in BACK. */
  removedAgain: readonly string[];
}

/** Loads the rows that the job has removed. */
export async function openRemoved(db: Db, target: UndoTarget): Promise<RemovedRows | null> {
  const { jobId, removed, columns } = target;
  if (removed === 0 || columns === null) return null;
  const typed = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`);
  await db.query(`create temporary table csvjobs_removed (${typed.join(', ')}) on commit drop`);
  await db.query('create temporary table csvjobs_returned (entry bigint) on commit drop');
  const { rowCount } = await db.query(
    `create temporary table csvjobs_back on commit drop as
     select ${ENTRY} as csvjobs$entry, e.was::text::xid as csvjobs$was, e.before::pg_temp.csvjobs_removed as csvjobs$row
     from ${ENTRIES} where j.job_id = '${jobId}' and j.removed`,
  );
  await db.query(`create index on ${BACK} (csvjobs$entry)`);
  await db.query(`analyze ${BACK}`);
  return { all: rowCount ?? 0, removedAgain: await leaveRemovedAgain(db, target, BACK) };
}
