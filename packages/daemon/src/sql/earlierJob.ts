/**
 * Finds jobs that loaded the same file into the same table (docs/decisions/0031-same-file-again.md). A file is
 * identified by the SHA-256 of its bytes; a deleted job has none.
 */
import type { EarlierJob } from '@csvjobs/shared';
import type { Db } from './pool.js';

/** A file, by the SHA-256 of its bytes (hex), and its table as jobs name it. */
export interface FileInTable {
  sha256: string;
  table: string;
}

/**
 * Waits until no other transaction is between looking for a file and inserting its job. The lock is held until the
 * end of the transaction. That transaction is `read committed`, so what it reads after the lock includes what the
 * previous holder committed.
 */
export async function lockFile(db: Db, { sha256, table }: FileInTable): Promise<void> {
  await db.query(`select pg_advisory_xact_lock(hashtextextended('csvjobs file ' || $1 || ' ' || $2, 0))`, [
    sha256,
    table,
  ]);
}

/**
 * Returns the newest job that has loaded rows of a file or may still load some: it is completed, unfinished, or
 * stopped early with rows loaded. These do not count, because the way on from them is another upload: a job that
 * failed or was cancelled before its first row, one whose every record was rejected, one that was undone, an atomic
 * job that failed, and a dry run.
 * @param besides a job to ignore, together with all jobs after it; if it does not exist, no job is ignored
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
