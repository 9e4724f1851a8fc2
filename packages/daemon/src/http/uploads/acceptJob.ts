/**
 * Puts the row of an uploaded file in. A connection that breaks in the middle of it leaves open whether the row is
 * there; the insert is then tried again under the same id, which settles it: the row goes in, or is found there.
 */
import { asFailure } from '../../failure.js';
import { insertJob, type NewJob } from '../../sql/jobs.js';
import type { Pool } from '../../sql/pool.js';
import type { AppDeps } from '../deps.js';
import { refuse } from '../problems.js';

const TRIES = 3;
const PAUSE_MS = 500;

/**
 * Returns the id of the job that the upload has become: `job.id`, or the id of the job that was uploaded before
 * under the same idempotency key (this file is then removed). On an error the file is removed too, unless nobody
 * knows whether its row is there.
 * @throws {Failure} `idempotency_conflict` when the key was used for another file; errors of PostgreSQL
 */
export async function acceptJob(
  { pool, storage, log }: Pick<AppDeps, 'pool' | 'storage' | 'log'>,
  job: NewJob,
): Promise<string> {
  let unknown = false;
  for (let left = TRIES; ; left--) {
    const tried = await tryInsert(pool, job);
    if ('found' in tried) {
      const { id, sha256 } = tried.found;
      if (id !== job.id) await storage.remove(job.id);
      if (sha256 === job.sha256) return id;
      throw refuse(
        'idempotency_conflict',
        `the Idempotency-Key was used for another file, which is job ${id}; take a new key for a new file`,
      );
    }
    unknown ||= tried.unknown;
    if (!unknown) {
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

type Tried = { found: { id: string; sha256: string } } | { error: unknown; unknown: boolean };

async function tryInsert(pool: Pool, job: NewJob): Promise<Tried> {
  // Where no connection is to be had nothing was sent, so nothing was put in (by this try).
  const connected = await pool.connect().then(
    (client) => ({ client }),
    (error: unknown) => ({ error, unknown: false }),
  );
  if ('error' in connected) return connected;
  const { client } = connected;
  try {
    const { job: found } = await insertJob(client, job);
    client.release();
    return { found };
  } catch (error) {
    const lost = asFailure(error).code === 'database_unreachable';
    client.release(lost);
    if (isOwnRow(error)) return { found: job };
    return { error, unknown: lost };
  }
}

/** unique_violation of the primary key: an earlier try has put the row in after all. */
function isOwnRow(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === '23505' && constraint === 'jobs_pkey';
}
