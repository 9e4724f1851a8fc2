/**
 * What a worker must know to load a job, as a number. A job keeps the level of the API that has accepted it, and a worker of a lower level
 * leaves it to others: it would overlook what it does not know, and load the rows of a dry run
 * (docs/decisions/0054-worker-levels.md).
 */
import type { Db } from './pool.js';

/**
 * What the workers of this version know. **Raise it by one in the version that first lets a job ask for something else**: a mode, a
 * field of the spec, a place for its file. A test holds it against all that an upload can ask for.
 *
 * | level | since |
 * |---|---|
 * | 1 | 0.1 |
 * | 2 | 0.2: any table, modes, files in pieces, in buckets |
 */
export const WORKER_LEVEL = 2;

/** The lowest level whose workers leave jobs to others: they share the queues. Workers of level 1 take what is on theirs, and drop it. */
export const QUEUE_LEVEL = 2;

/** How long a daemon that says nothing still counts as one at work, in ms: three of its beats. */
const LIVING_MS = 15_000;

/** What the worker of a job must know; undefined where there is no such job. */
export async function levelOf(db: Db, id: string): Promise<number | undefined> {
  const { rows } = await db.query<{ level: number }>('select worker_level as level from jobs where id = $1', [
    id,
  ]);
  return rows[0]?.level;
}

export interface WorkersAtWork {
  workers: number;
  /** Jobs that wait for a worker. */
  pending: number;
  /** Those among them that no worker at work knows enough for; all of them where there is none. */
  unknown: number;
}

/** The workers that were heard of lately, on any host, and what waits for others. */
export async function workersAtWork(db: Db): Promise<WorkersAtWork> {
  const { rows } = await db.query<WorkersAtWork>(
    `with living as (
       select count(*)::int as workers, coalesce(max(worker_level), 0) as level from daemons
       where worker_level is not null and seen_at > clock_timestamp() - $1 * interval '1 ms')
     select workers,
       (select count(*) from jobs where status = 'pending' and deleted_at is null)::int as pending,
       (select count(*) from jobs where status = 'pending' and deleted_at is null and worker_level > level)::int as unknown
     from living`,
    [LIVING_MS],
  );
  return rows[0]!;
}
