/**
 * Inserts the row of an uploaded file, in a transaction that commits only after everything that the answer
 * needs was read from it: an upload that is answered with an error leaves no row. A connection that breaks
 * during the commit leaves open whether the row exists; the insert is then repeated under the same id, which
 * settles it: the row goes in, or is found. Uploads of one file into one table take turns here, so that each
 * sees the one before.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  type EarlierJob,
  isOrAre,
  type Job,
  type Spec,
  type Uploaded,
  withoutTimeOfNow,
} from '@csvjobs/shared';
import { asFailure } from '../../failure.js';
import { findEarlier, lockFile } from '../../sql/earlierJob.js';
import { findJobByKey, insertJob, type NewJob, tableOf } from '../../sql/jobs.js';
import { type Pool, transaction } from '../../sql/pool.js';
import type { Store } from '../../storage/store.js';
import type { AppDeps } from '../deps.js';
import { refuse } from '../problems.js';

export interface AcceptDeps extends Pick<AppDeps, 'pool' | 'log' | 'isSmall'> {
  /** The store of a file that did not become a job. */
  storage: Pick<Store, 'remove'>;
}

const TRIES = 3;
const PAUSE_MS = 500;

/**
 * Returns the id of the job that the upload has become: `job.id`, or the id of the job that was uploaded
 * before under the same idempotency key, unless the caller does not see that one (`sees`), or with `once` the
 * completed job that has loaded the same file before. If it is not `job.id`, this file is removed. On an
 * error it is removed too, unless it is unknown whether its row exists. `earlier` is the job that has the
 * same file.
 * @throws {Failure} `idempotency_conflict` if the key was used for another file; `same_file` with `once`, if
 * the earlier job is not completed; errors of PostgreSQL
 */
export async function acceptJob(
  { pool, storage, log, isSmall }: AcceptDeps,
  uploaded: NewJob,
  once: boolean,
  sees: (id: string) => Promise<boolean>,
): Promise<Uploaded> {
  const job = { ...uploaded, small: (await isSmall?.(uploaded)) ?? false };
  let unknown = false;
  for (let left = TRIES; ; left--) {
    const tried = await tryInsert(pool, job, once);
    if ('loadedBefore' in tried) {
      await storage.remove(job.id);
      const { loadedBefore: earlier } = tried;
      if (earlier.status !== 'completed') throw sameFile(earlier, tableOf(job.into));
      return { jobId: earlier.jobId, earlier };
    }
    if ('found' in tried) {
      const { earlier } = tried;
      const { id } = tried.found;
      if (id !== job.id) await storage.remove(job.id);
      const seen = id === job.id || (await sees(id));
      const other = difference(tried.found, job);
      if (seen && other === undefined) return { jobId: id, earlier };
      const which = seen ? `another ${other}, in job ${id}` : 'another upload';
      throw refuse(
        'idempotency_conflict',
        `the Idempotency-Key was used for ${which}; use a new key for a new upload`,
      );
    }
    unknown ||= tried.unknown;
    const again = unknown || tried.lost;
    if (!unknown && (!again || left === 1)) {
      await storage.remove(job.id);
      throw tried.error;
    }
    if (left > 1) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      continue;
    }
    // Removing the file could take it from an existing job; recovery finds and removes an orphan.
    log.error(
      { jobId: job.id, err: tried.error },
      'lost PostgreSQL; the job may or may not have been inserted',
    );
    throw refuse(
      'unavailable',
      `PostgreSQL became unavailable while job ${job.id} was created; check whether the job exists before you send the file again`,
      tried.error,
    );
  }
}

/** `lost`: the connection broke. `unknown`: it broke when the row may have been committed. */
type Tried =
  | { found: Job | NewJob; earlier: EarlierJob | null }
  | { loadedBefore: EarlierJob }
  | { error: unknown; lost: boolean; unknown: boolean };

async function tryInsert(pool: Pool, job: NewJob, once: boolean): Promise<Tried> {
  let committing = false;
  let connected = false;
  try {
    return await transaction(pool, async (db): Promise<Tried> => {
      connected = true;
      const file = { sha256: job.sha256, table: tableOf(job.into) };
      await lockFile(db, file);
      // A repetition of the same upload does not count as another upload of the same file.
      const same = job.idempotencyKey === null ? null : await findJobByKey(db, job.idempotencyKey);
      const earlier = await findEarlier(db, file, same?.id ?? job.id);
      if (once && !same && earlier) return { loadedBefore: earlier };
      const { job: found } = await insertJob(db, job);
      committing = true;
      return { found, earlier };
    });
  } catch (error) {
    if (isOwnRow(error)) return { found: job, earlier: null };
    // If no connection could be made, an immediate retry is useless.
    const lost = connected && asFailure(error).code === 'database_unreachable';
    return { error, lost, unknown: lost && committing };
  }
}

/** Explains why an upload that is to load its file once is refused, and what to do. */
function sameFile({ jobId, status, successCount }: EarlierJob, table: string): Error {
  if (status === 'held')
    return refuse(
      'same_file',
      `job ${jobId} has the same file for ${table} and is held with its rows, which are not visible yet; nothing was loaded now: accept it (csvjobs accept ${jobId}), or discard it (csvjobs discard ${jobId})`,
    );
  const open = status === 'pending' || status === 'processing';
  const state = open ? `is ${status}` : `was ${status === 'failed' ? 'stopped by an error' : 'cancelled'}`;
  const next = open
    ? `watch it (csvjobs watch ${jobId})`
    : `retry it to load the rest (csvjobs retry ${jobId}), or load the whole file without once`;
  return refuse(
    'same_file',
    `job ${jobId} has the same file for ${table} and ${state}, ${successCount} of its rows ${isOrAre(successCount)} loaded; nothing was loaded now: ${next}`,
  );
}

/** unique_violation of the primary key: an earlier try has inserted the row after all. */
function isOwnRow(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === '23505' && constraint === 'jobs_pkey';
}

type Difference = 'file' | 'table' | 'spec' | 'mode' | 'job to fix' | undefined;

/** What differs from the job that has the same key; undefined if it is the same upload again. */
function difference(found: Job | NewJob, { sha256, into, mode, parent }: NewJob): Difference {
  if (found.sha256 !== sha256) return 'file';
  // Without `table`, it is this upload's own row.
  if (!('table' in found)) return undefined;
  if (found.table !== tableOf(into)) return 'table';
  if (found.parent !== parent) return 'job to fix';
  if (!isDeepStrictEqual(found.mode ?? {}, mode ?? {})) return 'mode';
  // As jsonb returns it: without undefined values.
  const stored = (spec: unknown) => spec && JSON.parse(JSON.stringify(withoutTimeOfNow(spec as Spec)));
  return isDeepStrictEqual(stored(found.spec), stored(into?.spec)) ? undefined : 'spec';
}
