/** The daemons running on this database, by the database's clock. No session locks: poolers do not keep them. */
import type { Db } from './pool.js';

export interface DaemonRow {
  id: string;
  queueId: string;
  /** For people: the host and the process. */
  name: string;
  /** Its level as a worker (workerLevel.ts); undefined if it is not a worker. */
  workerLevel?: number | undefined;
  /** The id of the store of its uploads; undefined while unknown. */
  storeId?: string | undefined;
}

export interface OtherDaemon {
  id: string;
  name: string;
  /** Changes with every heartbeat. */
  seenAt: string;
  secondsAgo: number;
  /** True if it has another queue; false if it has another store of uploads. */
  otherQueue: boolean;
  /** Whether it started on its queue before the daemon that asks. The later of the two gives way. */
  cameFirst: boolean;
}

/**
 * Records that a daemon is alive and which queue it has. Returns the daemons with another queue or another store of
 * uploads that did so within the given time.
 */
export async function noteAlive(db: Db, daemon: DaemonRow, withinMs: number): Promise<OtherDaemon[]> {
  const { rows } = await db.query<OtherDaemon>(
    `with mine as (
       insert into daemons as d (id, queue_id, name, worker_level, store_id) values ($1, $2, $3, $5, $6)
       on conflict (id) do update set seen_at = clock_timestamp(), queue_id = excluded.queue_id,
         worker_level = excluded.worker_level, store_id = coalesce(excluded.store_id, d.store_id),
         started_at = case when d.queue_id = excluded.queue_id then d.started_at else clock_timestamp() end
       returning id, started_at, store_id)
     select other.id, other.name, other.seen_at::text as "seenAt",
       extract(epoch from clock_timestamp() - other.seen_at)::float8 as "secondsAgo",
       (other.started_at, other.id) < (mine.started_at, mine.id) as "cameFirst",
       other.queue_id <> $2 as "otherQueue"
     from daemons other, mine
     where (other.queue_id <> $2 or other.store_id <> mine.store_id) and other.id <> $1
       and other.seen_at > clock_timestamp() - $4 * interval '1 ms'`,
    [daemon.id, daemon.queueId, daemon.name, withinMs, daemon.workerLevel ?? null, daemon.storeId ?? null],
  );
  return rows;
}

/** Removes a daemon that is shutting down. */
export async function noteEnd(db: Db, id: string): Promise<void> {
  await db.query('delete from daemons where id = $1', [id]);
}

/** Returns whether any daemon reported within the given time. */
export async function anyRuns(db: Db, withinMs: number): Promise<boolean> {
  const { rows } = await db.query<{ run: boolean }>(
    `select exists (select from daemons where seen_at > clock_timestamp() - $1 * interval '1 ms') as run`,
    [withinMs],
  );
  return rows[0]!.run;
}

/** Removes the other daemons of a queue that can have only one: they were killed. */
export async function noteAlone(db: Db, { id, queueId }: DaemonRow): Promise<void> {
  await db.query('delete from daemons where queue_id = $1 and id <> $2', [queueId, id]);
}

/** Removes the rows of daemons that were killed more than a day ago. */
export async function forgetKilled(db: Db): Promise<void> {
  await db.query(`delete from daemons where seen_at < now() - interval '1 day'`);
}
