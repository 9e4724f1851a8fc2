import type { LoadMode } from '@csvjobs/shared';
import { withNoun } from '@csvjobs/shared';
import { countHolds } from '../../sql/heldJobs.js';
import { countUnfinished } from '../../sql/jobList.js';
import type { AppDeps } from '../deps.js';
import { refuse, refuseWithRetryAfter } from '../problems.js';

/** @throws {Failure} `queue_full` if the maximum number of jobs is waiting */
export async function refuseWhenFull({ pool, options }: Pick<AppDeps, 'pool' | 'options'>): Promise<void> {
  const { maxQueued } = options;
  if (maxQueued === undefined || (await countUnfinished(pool, maxQueued)) < maxQueued) return;
  const detail = `the maximum of ${withNoun(maxQueued, 'job')} is waiting or running (MAX_QUEUED); upload again when some are done`;
  throw refuseWithRetryAfter('queue_full', detail, 10);
}

/**
 * A held job keeps a connection and its locks for as long as HOLD_TIMEOUT. No Retry-After: a person must answer one first.
 * @throws {Failure} `too_many_held` if the maximum number of jobs is held, or will be
 */
export async function refuseHold(
  { pool, options }: Pick<AppDeps, 'pool' | 'options'>,
  mode: LoadMode | undefined,
): Promise<void> {
  const { maxHeld } = options;
  if (!mode?.hold || maxHeld === undefined || (await countHolds(pool, maxHeld)) < maxHeld) return;
  const detail = `the maximum of ${withNoun(maxHeld, 'job')} is held or waiting to be held (MAX_HELD); accept or discard one first (csvjobs list --status held), or load without hold`;
  throw refuse('too_many_held', detail);
}
