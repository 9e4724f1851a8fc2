/** Which version of its object a job reads: that of its first attempt (jobs.file_version). */
import type { Db } from './pool.js';

/**
 * Stores the version that an attempt found, unless an earlier attempt stored one. Returns the stored version;
 * undefined if the job is no longer this attempt's.
 */
export async function keepFileVersion(
  db: Db,
  id: string,
  attempt: number,
  version: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ version: string }>(
    `update jobs set file_version = coalesce(file_version, $3)
     where id = $1 and attempt = $2 and status in ('pending', 'processing') returning file_version as version`,
    [id, attempt, version],
  );
  return rows[0]?.version;
}
