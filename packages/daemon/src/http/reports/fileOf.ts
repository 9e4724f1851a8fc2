/** Describes the file of a job for fixing its rejected records, from the stored facts about it. */
import type { Job, Source } from '@csvjobs/shared';
import { findFileKept } from '../../sql/jobFixes.js';
import type { Pool } from '../../sql/pool.js';
import { noSuchJob } from '../jobId.js';
import { refuse } from '../problems.js';

/**
 * @throws {Failure} `nothing_to_fix` if no record was rejected, `originals_not_kept` if an older daemon
 * rejected some
 */
export async function fileOf(
  pool: Pool,
  { id, failedCount }: Pick<Job, 'id' | 'failedCount'>,
): Promise<{ source: Source; header: string; overrides: Record<string, unknown> }> {
  const kept = await findFileKept(pool, id);
  if (!kept) throw noSuchJob(id);
  const { source, header, overrides } = kept;
  if (failedCount === 0)
    throw refuse('nothing_to_fix', `job ${id} has no rejected records; csvjobs show ${id} has its counts`);
  if (!source || header === null)
    throw refuse(
      'originals_not_kept',
      `job ${id} is from a daemon that did not keep rejected records as they are in the file; csvjobs errors ${id} has their values, or upload the file again`,
    );
  return { source, header, overrides };
}
