/** Webhooks for admins and metrics: list, test, redeliver, count, and remove old ones. */
import {
  type DeliveryStatus,
  type Redeliver,
  TEST_EVENT,
  type WebhookDelivery,
  type WebhookEndpoint,
} from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { WEBHOOK_ID } from './claim.js';
import { KEEP_MS } from './endpoints.js';

type DeliveryRow = Omit<WebhookDelivery, 'createdAt' | 'lastAttemptAt' | 'nextAttemptAt'> & {
  createdAt: Date;
  lastAttemptAt: Date | null;
  nextAttemptAt: Date | null;
};

const COLUMNS = `id, ${WEBHOOK_ID} as "webhookId", type, endpoint, job_id as "jobId", status, attempts,
  created_at as "createdAt", last_attempt_at as "lastAttemptAt",
  case status when 'pending' then next_attempt_at end as "nextAttemptAt", http_status as "httpStatus", error`;

function toDelivery(row: DeliveryRow): WebhookDelivery {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    lastAttemptAt: row.lastAttemptAt?.toISOString() ?? null,
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
  };
}

/** An endpoint that no daemon has registered for this long is in the configuration of no running one. */
const UNSEEN_MS = 3 * KEEP_MS;

/** Lists all endpoints by name, with the numbers of pending and failed deliveries. */
export async function listEndpoints(db: Db): Promise<WebhookEndpoint[]> {
  const { rows } = await db.query<Omit<WebhookEndpoint, 'disabledAt'> & { disabledAt: Date | null }>(
    `select name, origin, events, tables, disabled_at as "disabledAt",
       seen_at >= clock_timestamp() - $1 * interval '1 ms' as configured,
       (select count(*) from webhook_deliveries where endpoint = name and status = 'pending') as pending,
       (select count(*) from webhook_deliveries where endpoint = name and status = 'failed' and type <> $2) as failed
     from webhook_endpoints order by name`,
    [UNSEEN_MS, TEST_EVENT],
  );
  return rows.map((row) => ({ ...row, disabledAt: row.disabledAt?.toISOString() ?? null }));
}

/** Lists deliveries, newest first. */
export async function listDeliveries(
  db: Db,
  {
    status,
    endpoint,
    job,
    limit,
  }: {
    status?: DeliveryStatus | undefined;
    endpoint?: string | undefined;
    job?: string | undefined;
    limit: number;
  },
): Promise<WebhookDelivery[]> {
  const { rows } = await db.query<DeliveryRow>(
    `select ${COLUMNS} from webhook_deliveries
     where ($2::text is null or status = $2) and ($3::text is null or endpoint = $3) and ($4::uuid is null or job_id = $4)
     order by created_at desc, id desc limit $1`,
    [limit, status ?? null, endpoint ?? null, job ?? null],
  );
  return rows.map(toDelivery);
}

/** Returns a delivery; null if there is none with this id. */
export async function findDelivery(db: Db, id: string): Promise<WebhookDelivery | null> {
  const { rows } = await db.query<DeliveryRow>(`select ${COLUMNS} from webhook_deliveries where id = $1`, [
    id,
  ]);
  return rows[0] ? toDelivery(rows[0]) : null;
}

/** Puts a test delivery into the outbox, to be sent once. */
export async function insertTest(db: Db, endpoint: string): Promise<WebhookDelivery> {
  const { rows } = await db.query<DeliveryRow>(
    `insert into webhook_deliveries (event_id, type, endpoint) values (gen_random_uuid(), $1, $2) returning ${COLUMNS}`,
    [TEST_EVENT, endpoint],
  );
  return toDelivery(rows[0]!);
}

/**
 * Sends finished deliveries again, starting with a first attempt and under the same id. Ignores those to endpoints
 * that are disabled or that no daemon is configured with any more. Without `ids`, all that failed, except tests: a
 * test is for the moment in which it was asked for.
 */
export async function redeliver(db: Db, { ids, endpoint }: Redeliver): Promise<WebhookDelivery[]> {
  const { rows } = await db.query<DeliveryRow>(
    `update webhook_deliveries set status = 'pending', attempts = 0, next_attempt_at = clock_timestamp(), ended_at = null
     where status <> 'pending' and ($1::uuid[] is null and status = 'failed' and type <> $3 or id = any($1))
       and ($2::text is null or endpoint = $2)
       and endpoint in (select name from webhook_endpoints where disabled_at is null)
     returning ${COLUMNS}`,
    [ids ?? null, endpoint ?? null, TEST_EVENT],
  );
  return rows.map(toDelivery);
}

export interface PendingDeliveries {
  count: number;
  /** How long the oldest has waited since its event; 0 if there is none. */
  oldestSeconds: number;
}

/** Counts the pending deliveries of all daemons. Uses the index webhook_deliveries_due. */
export async function pendingDeliveries(db: Db): Promise<PendingDeliveries> {
  const { rows } = await db.query<PendingDeliveries>(
    `select count(*) as count,
       coalesce(greatest(0, extract(epoch from clock_timestamp() - min(created_at))), 0)::float8 as "oldestSeconds"
     from webhook_deliveries where status = 'pending'`,
  );
  return rows[0]!;
}

/** Number of deliveries that one statement removes. */
const PORTION = 10_000;

/** Removes deliveries that finished more than `afterMs` ago. Returns how many. */
export async function removeEnded(db: Db, afterMs: number): Promise<number> {
  for (let removed = 0; ; ) {
    const { rowCount } = await db.query(
      `delete from webhook_deliveries where id in (
         select id from webhook_deliveries
         where status <> 'pending' and ended_at < clock_timestamp() - $1 * interval '1 ms' limit ${PORTION})`,
      [afterMs],
    );
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < PORTION) return removed;
  }
}
