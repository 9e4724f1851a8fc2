/** The list of the rows of a batch that are still to be written. */
import type { Client } from '../../pool.js';
import { entangledQuery } from '../duplicates.js';
import { closeScratch, openScratch } from '../scratch.js';
import { isCovered } from './covered.js';
import type { UpsertPlan } from './statements.js';

/**
 * The rows still to be done: their numbers on the stage, the place of the row in the table (NULL if there is none),
 * and whether several have the same key.
 */
export const PENDING = 'pg_temp.csvjobs_pending';

const PENDING_COLUMNS = 'row bigint, at tid, again boolean';

/** Closes the list of a batch. */
export function forgetPending(client: Client): Promise<void> {
  return closeScratch(client, 'csvjobs_pending', PENDING_COLUMNS);
}

export interface Pending {
  known: number;
  fresh: number;
  /** Rows that share a key with others; their outcome is not known. */
  again: number;
}

/** What one statement has done with a batch. */
export interface Updated {
  updated: number;
  left: Pending;
}

/** The rows of the stage. */
export interface Keyed {
  rows: number;
  /** Whether several of them may have the same key. */
  mayRepeat: boolean;
}

/** Opens the list of a batch with the rows that share a key with others. Returns how many there are. */
export async function openPending(client: Client, plan: UpsertPlan, mayRepeat: boolean): Promise<number> {
  await openScratch(client, 'csvjobs_pending', PENDING_COLUMNS);
  if (!mayRepeat) return 0;
  const { rowCount } = await client.query(
    `insert into ${PENDING} select row, null, true from (${entangledQuery(plan.conflict.key, isCovered(plan))}) again`,
  );
  return rowCount ?? 0;
}
