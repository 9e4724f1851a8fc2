/** The attempts at jobs: their backends, by name, and which of them still own their jobs. */
import { setTimeout } from 'node:timers/promises';
import type { Db } from './pool.js';

/** How long a pooled backend must have waited for its client before it counts as abandoned, in ms. */
const POOLED_PATIENCE_MS = 5_000;
/** Interval between checks for abandoned backends, in ms. */
const POOLED_PAUSE_MS = 250;

/**
 * Terminates the backends of earlier attempts at a job before it is claimed. A stopped process may hold rows of the
 * job, and the job's own row, in an open transaction, and the claim would wait for that.
 *
 * The backends are found by the name that each batch's transaction gives its backend while it lasts. A connection of
 * our own may be terminated at any time. A pooled backend may not: between the check and the signal its transaction
 * may end and the backend may go to another client. So it is terminated only after it has waited for its client
 * within that transaction for 5 s, which is the case of the stopped process. If a client was killed, the pooler
 * notices and closes the backend itself. (PostgreSQL terminates idle ones after a minute in any case: see lanes.ts.)
 *
 * Leaves a held job alone: it must not be claimed, and its transaction must stay.
 *
 * Also terminates backends of version 0.1, whose names have a space before the attempt. Version 0.1 itself looks for
 * names like that before it finds out that a job is not its own, so ours are named differently.
 */
export async function endEarlierAttempts(db: Db, id: string): Promise<void> {
  // Does not wait for a backend that is still at work: once the job is claimed again, it stops on its own.
  for (let left = 2 * Math.ceil(POOLED_PATIENCE_MS / POOLED_PAUSE_MS); left > 0; left--) {
    const { rows } = await db.query<{ soon: boolean }>(
      `with earlier as (
         select pid, application_name not like '% ${POOLED}'
             or state_change < clock_timestamp() - $2 * interval '1 ms' as now
         from pg_stat_activity
         where usename = current_user and application_name like any($1) and pid <> pg_backend_pid()
           and not exists (select from jobs where id = $3 and status = 'held')
           and (application_name not like '% ${POOLED}' or wait_event = 'ClientRead'))
       select case when now then pg_terminate_backend(pid) is null else true end as soon from earlier`,
      [[loaderName(id, '%', false), `csvjobs ${id} %`], POOLED_PATIENCE_MS, id],
    );
    if (!rows.some(({ soon }) => soon)) return;
    await setTimeout(POOLED_PAUSE_MS);
  }
}

/** Suffix of the name of a pooled backend. */
const POOLED = 'pooled';

/** The application_name of the transactions that load a job for an attempt. At most 62 of PostgreSQL's 63 bytes. */
export function loaderName(id: string, attempt: number | '%', pooled: boolean): string {
  return `csvjobs ${id}/${attempt}${pooled ? ` ${POOLED}` : ''}`;
}

/** Terminates the backends of one attempt: another attempt has the job now, and they are in its way. */
export async function endAttempt(db: Db, id: string, attempt: number): Promise<void> {
  await db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where usename = current_user and application_name = $1 and pid <> pg_backend_pid()`,
    [loaderName(id, attempt, false)],
  );
}

/**
 * Returns the jobs whose attempts still own them. An attempt also owns a job that it has just held, completed or
 * failed. An attempt that is `loading` has lost the job if that is pending: it was cancelled and retried meanwhile.
 */
export async function ownedAttempts(
  db: Db,
  attempts: readonly { jobId: string; attempt: number; loading: boolean }[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    `select id from jobs
       join unnest($1::uuid[], $2::int[], $3::bool[]) as mine (id, attempt, loading) using (id, attempt)
     where status in ('processing', 'held', 'completed', 'failed') or (status = 'pending' and not loading)`,
    [
      attempts.map(({ jobId }) => jobId),
      attempts.map(({ attempt }) => attempt),
      attempts.map(({ loading }) => loading),
    ],
  );
  return new Set(rows.map(({ id }) => id));
}
