/**
 * Checks that a job's file is the same at each attempt. During an attempt, the reading thread notices a replaced file.
 * Between two attempts, an object in a bucket may be replaced, and the job's rows would come from both objects.
 */
import { keepFileVersion } from '../sql/fileVersion.js';
import type { Pool } from '../sql/pool.js';
import { fileReplaced } from '../storage/readFailures.js';
import type { ByteSource } from '../storage/source.js';
import type { Store } from '../storage/store.js';

/**
 * Returns where a job's file is. Compares an object's ETag with the one that the first attempt found. An object that
 * was named instead of uploaded already has the ETag from when its job was created (sources/sources.ts). Does not
 * compare a file in a folder, because it may have been restored from a backup.
 * @throws {Failure} `file_changed`, `file_missing`
 */
export async function sameFile(
  { pool, storage }: { pool: Pool; storage: Pick<Store, 'source'> },
  id: string,
  attempt: number,
): Promise<ByteSource> {
  const source = await storage.source(id);
  if (source.kind !== 's3' || source.origin) return source;
  const kept = await keepFileVersion(pool, id, attempt, source.etag);
  if (kept !== undefined && kept !== source.etag) throw fileReplaced(`s3://${source.bucket}/${source.key}`);
  return source;
}
