/**
 * Claims of webhook deliveries by daemons. A claimed delivery is not due again for a while, so no two daemons send it
 * at the same time. If the daemon that has it is killed, another sends it with the same id. All times are PostgreSQL's.
 */
import type { JobSummary } from '@csvjobs/shared';
import { type SummaryRow, toSummary } from '../jobRow.js';
import type { Db } from '../pool.js';

/** How long a claim lasts: longer than an attempt plus an outage of PostgreSQL while its result is being stored. */
const CLAIM_MS = 60_000;

/** A delivery to send now. */
export interface DueDelivery {
  id: string;
  webhookId: string;
  type: string;
  endpoint: string;
  createdAt: Date;
  /** The job at the time of the event; null for a test. */
  job: JobSummary | null;
  jobId: string | null;
  /** Number of this attempt; identifies the claim. */
  attempt: number;
  /** When it was claimed. */
  at: Date;
}

/** SQL for the `webhook-id` of an event. */
export const WEBHOOK_ID = `'msg_' || event_id`;

/** A job in the outbox: the columns of a summary, with times as text. */
type KeptJob = Omit<SummaryRow, 'created_at' | 'started_at' | 'completed_at'> &
  Record<'created_at' | 'started_at' | 'completed_at', string | null>;

/** Claims up to `most` due deliveries to an endpoint, longest overdue first. Claims none if it is disabled. */
export async function claimDue(db: Db, endpoint: string, most: number): Promise<DueDelivery[]> {
  const { rows } = await db.query<Omit<DueDelivery, 'job'> & { job: KeptJob | null }>(
    `update webhook_deliveries set attempts = attempts + 1, last_attempt_at = clock_timestamp(),
       next_attempt_at = clock_timestamp() + $3 * interval '1 ms', http_status = null, error = null
     where id in (
       select id from webhook_deliveries
       where endpoint = $1 and status = 'pending' and next_attempt_at <= clock_timestamp()
         and exists (select from webhook_endpoints where name = $1 and disabled_at is null)
       order by next_attempt_at limit $2 for update skip locked)
     returning id, ${WEBHOOK_ID} as "webhookId", type, endpoint, created_at as "createdAt", job, job_id as "jobId",
       attempts as attempt, last_attempt_at as at`,
    [endpoint, most, CLAIM_MS],
  );
  return rows.map((row) => ({ ...row, job: row.job && summaryOf(row.job) }));
}

function summaryOf(job: KeptJob): JobSummary {
  const time = (text: string | null) => (text === null ? null : new Date(text));
  return toSummary({
    ...job,
    created_at: time(job.created_at)!,
    started_at: time(job.started_at),
    completed_at: time(job.completed_at),
  });
}

type Claimed = Pick<DueDelivery, 'id' | 'attempt'>;

/** Only the holder of a claim ends it: a later claim is another attempt. */
const MINE = `id = $1 and attempts = $2 and status = 'pending'`;

/** Marks a delivery as delivered. */
export async function markDelivered(db: Db, { id, attempt }: Claimed, httpStatus: number): Promise<void> {
  await db.query(
    `update webhook_deliveries set status = 'delivered', ended_at = clock_timestamp(), http_status = $3, error = null
     where ${MINE}`,
    [id, attempt, httpStatus],
  );
}

/** Why an attempt failed. */
interface Reason {
  httpStatus: number | null;
  error: string;
}

/** Schedules the next attempt in `againMs`; if undefined, marks the delivery as failed. */
export async function markFailed(
  db: Db,
  { id, attempt }: Claimed,
  { httpStatus, error }: Reason,
  againMs: number | undefined,
): Promise<void> {
  await db.query(
    `update webhook_deliveries set http_status = $3, error = $4,
       status = case when $5::bigint is null then 'failed' else status end,
       ended_at = case when $5::bigint is null then clock_timestamp() end,
       next_attempt_at = case when $5::bigint is null then next_attempt_at else clock_timestamp() + $5 * interval '1 ms' end
     where ${MINE}`,
    [id, attempt, httpStatus, error, againMs ?? null],
  );
}

/** Returns a delivery whose attempt was interrupted: the attempt does not count, and any daemon may send it at once. */
export async function release(db: Db, { id, attempt }: Claimed): Promise<void> {
  await db.query(
    `update webhook_deliveries set attempts = attempts - 1, next_attempt_at = clock_timestamp(),
       error = 'the daemon was stopped while it was sent'
     where ${MINE}`,
    [id, attempt],
  );
}
