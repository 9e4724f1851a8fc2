/**
 * Puts the row of an uploaded file in, in a transaction that commits only when all that the answer needs has been read
 * from it: an upload that is answered with an error leaves no row. A connection that breaks during the commit leaves
 * open whether the row is there; the insert is then tried again under the same id, which settles it: the row goes in,
 * or is found there.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Job } from '@csvjobs/shared';
import { asFailure } from '../../failure.js';
import { insertJob, type NewJob, tableOf } from '../../sql/jobs.js';
import { type Pool, transaction } from '../../sql/pool.js';
import type { AppDeps } from '../deps.js';
import { refuse } from '../problems.js';

const TRIES = 3;
const PAUSE_MS = 500;

/**
 * Returns the id of the job that the upload has become: `job.id`, or the id of the job that was uploaded before
 * under the same idempotency key (this file is then removed), unless the caller does not see that one (`sees`). On an
 * error the file is removed too, unless nobody knows whether its row is there.
 * @throws {Failure} `idempotency_conflict` when the key was used for another file; errors of PostgreSQL
 */
export async function acceptJob(
  { pool, storage, log }: Pick<AppDeps, 'pool' | 'storage' | 'log'>,
  job: NewJob,
  sees: (id: string) => Promise<boolean>,
): Promise<string> {
  let unknown = false;
  for (let left = TRIES; ; left--) {
    const tried = await tryInsert(pool, job);
    if ('found' in tried) {
      const { id } = tried.found;
      if (id !== job.id) await storage.remove(job.id);
      const seen = id === job.id || (await sees(id));
      const other = difference(tried.found, job);
      if (seen && other === undefined) return id;
      const which = seen ? `another ${other}, in job ${id}` : 'another upload';
      throw refuse(
        'idempotency_conflict',
        `the Idempotency-Key was used for ${which}; take a new key for a new upload`,
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
    // Removing the file could take it from a job that is there; an orphan is found and removed by recovery.
    log.error(
      { jobId: job.id, err: tried.error },
      'PostgreSQL went away; whether the job was put in is not known',
    );
    throw refuse(
      'unavailable',
      `PostgreSQL went away while job ${job.id} was put in; look whether it is there before sending the file again`,
      tried.error,
    );
  }
}

/** `lost`: the connection broke. `unknown`: it broke when the row may have been committed. */
type Tried = { found: Job | NewJob } | { error: unknown; lost: boolean; unknown: boolean };

async function tryInsert(pool: Pool, job: NewJob): Promise<Tried> {
  let committing = false;
  let connected = false;
  try {
    const found = await transaction(pool, async (db) => {
      connected = true;
      const { job: put } = await insertJob(db, job);
      committing = true;
      return put;
    });
    return { found };
  } catch (error) {
    if (isOwnRow(error)) return { found: job };
    // Where no connection was to be had, to try again at once is in vain.
    const lost = connected && asFailure(error).code === 'database_unreachable';
    return { error, lost, unknown: lost && committing };
  }
}

/** unique_violation of the primary key: an earlier try has put the row in after all. */
function isOwnRow(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === '23505' && constraint === 'jobs_pkey';
}

type Difference = 'file' | 'table' | 'spec' | 'job to fix' | undefined;

/** What an upload has otherwise than the job that has its key; undefined where it is the same upload again. */
function difference(found: Job | NewJob, { sha256, into, parent }: NewJob): Difference {
  if (found.sha256 !== sha256) return 'file';
  // Without `table` it is this upload's own row.
  if (!('table' in found)) return undefined;
  if (found.table !== tableOf(into)) return 'table';
  if (found.parent !== parent) return 'job to fix';
  // As jsonb gives it back: without what is undefined.
  const spec = into?.spec && JSON.parse(JSON.stringify(into.spec));
  return isDeepStrictEqual(found.spec, spec) ? undefined : 'spec';
}
