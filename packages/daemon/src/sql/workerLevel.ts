/**
 * What a worker must support to load a job, as a number. A job stores the level of the API that accepted it, and a
 * worker with a lower level leaves it to others. Otherwise it would overlook options that it does not know, and for
 * example load the rows of a dry run (docs/decisions/0054-worker-levels.md).
 */
import type { Db } from './pool.js';

/**
 * The level of this version's workers. **Raise it by one in the version that first lets a job ask for something
 * new**: a mode, a field of the spec, a place for its file. A test compares it with everything that an upload can ask
 * for. A migration that changes what earlier workers write raises it too, for all jobs (migration 0083).
 *
 * | level | since |
 * |---|---|
 * | 1 | 0.1 |
 * | 2 | any table, modes, files in pieces, in buckets |
 * | 3 | 0.2: the journal has groups of rows |
 */
export const WORKER_LEVEL = 3;

/**
 * The lowest level whose workers leave jobs to others, so they share the queues. Level-1 workers take any job on
 * theirs and drop those that they cannot claim.
 */
export const QUEUE_LEVEL = 2;

/** How long a silent daemon still counts as running, in ms: three of its heartbeats. */
const LIVING_MS = 15_000;

/** Returns the level that a job needs; undefined if there is no such job. */
export async function levelOf(db: Db, id: string): Promise<number | undefined> {
  const { rows } = await db.query<{ level: number }>('select worker_level as level from jobs where id = $1', [
    id,
  ]);
  return rows[0]?.level;
}

export interface WorkersAtWork {
  workers: number;
  /** Jobs that wait: pending ones, and those that an upgrade took from workers, none of which may continue them. */
  pending: number;
  /** Those of them that need a higher level than any running worker has; all of them if no worker is running. */
  unknown: number;
}

/** Returns the running workers of all hosts, and the jobs that wait. */
export async function workersAtWork(db: Db): Promise<WorkersAtWork> {
  const { rows } = await db.query<WorkersAtWork>(
    `with living as (
       select count(*)::int as workers, coalesce(max(worker_level), 0) as level from daemons
       where worker_level is not null and seen_at > clock_timestamp() - $1 * interval '1 ms')
     select workers, count(id)::int as pending, count(id) filter (where worker_level > level)::int as unknown
     from living left join jobs on deleted_at is null and status in ('pending', 'processing')
       and (status = 'pending' or workers > 0 and worker_level > level)
     group by workers`,
    [LIVING_MS],
  );
  return rows[0]!;
}
