/**
 * The file of a job, the same at each attempt. Within an attempt the reading thread sees when it is replaced; between two of them
 * an object may be another one in the bucket, and the job's rows would be of both.
 */
import { keepFileVersion } from '../sql/fileVersion.js';
import type { Pool } from '../sql/pool.js';
import { fileReplaced } from '../storage/readFailures.js';
import type { ByteSource } from '../storage/source.js';
import type { Store } from '../storage/store.js';

/**
 * Where the bytes of a job's file are. Objects are compared by their ETag with what the first attempt has found; those that were named,
 * not uploaded, have that of their upload (sources/sources.ts). A file in a folder may have been put back from a backup, and is not
 * compared.
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
