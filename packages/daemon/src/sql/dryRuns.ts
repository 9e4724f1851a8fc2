/** Dry runs, and the jobs that load their files (docs/decisions/0033-atomic-and-dry-run.md). */
import { isDeepStrictEqual } from 'node:util';
import type { LoadMode, Spec, Target } from '@csvjobs/shared';
import type { NewJob } from './jobs.js';
import { intoAsKept, type JobInto } from './jobTarget.js';
import type { OriginRow } from './origins.js';
import type { Db } from './pool.js';

/** What a job that loads the file of a dry run inherits from it. */
export interface DryRun
  extends Pick<NewJob, 'filename' | 'sizeBytes' | 'sha256' | 'overrides' | 'origin' | 'parent'> {
  mode: LoadMode;
  into: Exclude<JobInto, undefined>;
}

export async function findDryRun(db: Db, id: string): Promise<DryRun | null> {
  const { rows } = await db.query<
    Pick<DryRun, 'filename' | 'sizeBytes' | 'sha256' | 'overrides' | 'mode'> & {
      target: Target | null;
      spec: Spec | null;
      target_table: string;
      origin: OriginRow | null;
      parent: string | null;
    }
  >(
    `select filename, size_bytes as "sizeBytes", sha256, overrides, mode, target, spec, target_table, origin, parent
     from jobs
     where id = $1 and mode ? 'dryRun' and deleted_at is null`,
    [id],
  );
  const row = rows[0];
  if (!row) return null;
  const { target, spec, target_table, origin, parent, ...rest } = row;
  return {
    ...rest,
    origin: origin ?? undefined,
    parent: parent ?? undefined,
    into: intoAsKept({ target, spec, target_table }),
  };
}

interface Verdict {
  good: number;
  rejected: number;
  skipped: number;
  updated: number;
  unchanged: number;
  removed: number;
  reasons: Record<string, number>;
}

/**
 * Adds a notice to a job that is about to complete if its dry run had a different result. Does nothing if the dry run
 * was deleted, because its result is no longer known.
 */
export async function noteDifference(db: Db, id: string, attempt: number): Promise<void> {
  const { rows } = await db.query<{ id: string; of_dry_run: boolean } & Verdict>(
    `select id, id <> $1 as of_dry_run, success_count as good, failed_count as rejected, skipped_count as skipped,
       updated_count as updated, unchanged_count as unchanged, removed_count as removed, reasons
     from jobs where deleted_at is null and (id = $1 or id = (select dry_run from jobs where id = $1))`,
    [id],
  );
  const before = rows.find(({ of_dry_run }) => of_dry_run);
  const now = rows.find(({ of_dry_run }) => !of_dry_run);
  if (!before || !now) return;
  const { id: dryRun, of_dry_run, ...verdict } = before;
  const { id: _, of_dry_run: __, ...loaded } = now;
  if (isDeepStrictEqual(verdict, loaded)) return;
  const notice = `the dry run ${dryRun} found ${countsOf(verdict)}, and this load ${countsOf(loaded)}: the data in the database have changed in between`;
  await db.query(
    `update jobs set notices = notices || to_jsonb($3::text)
     where id = $1 and attempt = $2 and status = 'processing' and not notices @> to_jsonb($3::text)`,
    [id, attempt, notice],
  );
}

function countsOf({ good, rejected, skipped, updated, unchanged, removed }: Verdict): string {
  const counts = { good, updated, unchanged, skipped, removed, rejected };
  return Object.entries(counts)
    .filter(([name, rows]) => rows > 0 || name === 'good' || name === 'rejected')
    .map(([name, rows]) => `${rows} ${name}`)
    .join(', ');
}
