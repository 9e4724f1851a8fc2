/** Where a job's file is, if it was named instead of uploaded (jobs.origin). */
import type { Db } from './pool.js';

/** The address of an object, and its version. */
export interface OriginRow {
  address: string;
  etag: string;
  size: number;
}

export async function originOf(db: Db, id: string): Promise<OriginRow | undefined> {
  const { rows } = await db.query<{ origin: OriginRow | null }>('select origin from jobs where id = $1', [
    id,
  ]);
  return rows[0]?.origin ?? undefined;
}
