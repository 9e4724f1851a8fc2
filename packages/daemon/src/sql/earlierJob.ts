/**
 * Jobs with the same file in the same table (docs/decisions/0031-same-file-again.md). A file is its bytes, by their
 * SHA-256; a deleted job has none.
 */
import type { EarlierJob } from '@csvjobs/shared';
import type { Db } from './pool.js';

/** A file, by the SHA-256 of its bytes (hex), and its table as jobs have its name. */
export interface FileInTable {
  sha256: string;
  table: string;
}

/**
 * Waits until no other transaction is between looking for a file and putting in its job. Held to the end of the
 * transaction, which is `read committed`: what looks behind this sees what the one before has committed.
 */
export async function lockFile(db: Db, { sha256, table }: FileInTable): Promise<void> {
  await db.query(`select pg_advisory_xact_lock(hashtextextended('csvjobs file ' || $1 || ' ' || $2, 0))`, [
    sha256,
    table,
  ]);
}

/**
 * The newest job that has loaded rows of a file or may yet load some: it is completed, unfinished, or ended early with
 * rows loaded. One that failed or was cancelled before its first row does not count, nor one whose every record was rejected, nor
 * one that was undone: the way on from there is another upload. So it is with an atomic job that has failed, and with a dry run.
 * @param besides a job that is not looked at, and jobs after it neither where it is there
 */
export async function findEarlier(
  db: Db,
  { sha256, table }: FileInTable,
  besides?: string,
): Promise<EarlierJob | null> {
  const { rows } = await db.query<{
    id: string;
    filename: string;
    status: EarlierJob['status'];
    created_at: Date;
    success_count: number;
    failed_count: number;
  }>(
    `select id, filename, status, created_at, success_count, failed_count from jobs
     where sha256 = $1 and target_table = $2 and deleted_at is null and id is distinct from $3::uuid
       and created_at <= coalesce((select created_at from jobs where id = $3::uuid), 'infinity')
       and status <> 'undone' and not mode ? 'dryRun'
       and (status in ('pending', 'processing', 'held')
         or (status = 'completed' and (failed_count < processed_rows or processed_rows = 0))
         or (success_count > 0 and not mode ? 'atomic'))
     order by created_at desc limit 1`,
    [sha256, table, besides ?? null],
  );
  const row = rows[0];
  return row
    ? {
        jobId: row.id,
        filename: row.filename,
        status: row.status,
        createdAt: row.created_at.toISOString(),
        successCount: row.success_count,
        failedCount: row.failed_count,
      }
    : null;
}
