/**
 * The transitions of a held job: all its rows are in a transaction that its holder keeps open until a person answers
 * (docs/decisions/0041-held-jobs.md). The answer is stored in the job's row. Each transition starts from `held`, so
 * if two collide, the row lock lets only one through. The rows' own transaction makes the transition to `completed`.
 */
import type { ChangedRow, Job, JobStatus } from '@csvjobs/shared';
import { JOB_COLUMNS, type JobRow, SINCE_PHASE, toJob } from './jobRow.js';
import type { Db } from './pool.js';

/** The rows that a replacement would have removed are back in the table. */
const NOTHING_REMOVED = 'removed_count = 0, removed_rows = null';

/** How a held job fails, decided by its holder or by another daemon. */
export interface HeldFailure {
  code: 'hold_expired' | 'hold_lost';
  message: string;
}

const AGAIN = 'its rows were rolled back, and nothing of it was loaded. Run it again with csvjobs retry';

export const EXPIRED: HeldFailure = {
  code: 'hold_expired',
  message: `no one accepted the job within HOLD_TIMEOUT: ${AGAIN}`,
};
export const STOPPED: HeldFailure = {
  code: 'hold_lost',
  message: `the daemon that held the job was stopped before anyone accepted it: ${AGAIN}`,
};
/** Also used if no process is left that knows more. */
export const LOST: HeldFailure = {
  code: 'hold_lost',
  message: `the daemon that held the job ended, or lost its connection to PostgreSQL, before the rows were committed: ${AGAIN}`,
};

/**
 * From processing to held, for `timeoutMs`. Refused while a record of the file is unaccounted for. Must not run in
 * the transaction of the rows, because all other sessions must see it.
 */
export async function holdJobFor(
  db: Db,
  id: string,
  attempt: number,
  { rows, timeoutMs }: { rows: readonly ChangedRow[]; timeoutMs: number },
): Promise<Job | null> {
  return moved(
    db,
    `status = 'held', held_until = clock_timestamp() + $3 * interval '1 ms', held_rows = $4,
       held_answer = null, held_answer_at = null, held_answer_by = null,
       loading_ms = loading_ms + ${SINCE_PHASE}, phase_since = clock_timestamp()`,
    `id = $1 and attempt = $2 and status = 'processing' and processed_rows = total_rows`,
    [id, attempt, timeoutMs, JSON.stringify(rows)],
  );
}

/** Accepts a held job before its deadline; its holder then commits the rows. Returns null if that is not possible. */
export async function acceptHeld(db: Db, id: string, by: string): Promise<Job | null> {
  return moved(
    db,
    `held_answer = 'accepted', held_answer_at = clock_timestamp(), held_answer_by = $2`,
    `id = $1 and status = 'held' and held_answer is null and held_until > clock_timestamp()`,
    [id, by],
  );
}

/** Discards a held job: none of its rows stay. Returns null if it is not held, or was accepted. */
export async function discardHeld(db: Db, id: string, by: string): Promise<Job | null> {
  return moved(
    db,
    `status = 'cancelled', completed_at = clock_timestamp(), ${NOTHING_REMOVED},
       held_answer = 'discarded', held_answer_at = clock_timestamp(), held_answer_by = $2`,
    `id = $1 and status = 'held' and held_answer is null`,
    [id, by],
  );
}

/** From held to completed, in the transaction of the rows. Returns null if it was not accepted or is no longer held. */
export async function completeHeld(db: Db, id: string, attempt: number): Promise<Job | null> {
  return moved(
    db,
    `status = 'completed', completed_at = clock_timestamp()`,
    `id = $1 and attempt = $2 and status = 'held' and held_answer = 'accepted'`,
    [id, attempt],
  );
}

/** From held to failed. Returns null if this attempt does not hold it (any more), or if `unless` applies. */
export async function failHeld(
  db: Db,
  id: string,
  attempt: number,
  { code, message }: HeldFailure,
  unless: 'accepted' | 'accepted or in time' | undefined,
): Promise<Job | null> {
  const fence = {
    accepted: 'and held_answer is null',
    'accepted or in time': 'and held_answer is null and held_until <= clock_timestamp()',
  };
  return moved(
    db,
    `status = 'failed', completed_at = clock_timestamp(), failure_code = $3, failure_message = $4, ${NOTHING_REMOVED}`,
    `id = $1 and attempt = $2 and status = 'held' ${unless === undefined ? '' : fence[unless]}`,
    [id, attempt, code, message],
  );
}

/**
 * Fails held jobs whose transaction is gone, for example because their holder was killed. The holder's lock on the
 * job's row is gone with it, so a row that can be locked has no holder.
 * @param id one job; by default all
 */
export async function failUnheld(db: Db, id?: string): Promise<Job[]> {
  const { rows } = await db.query<JobRow>(
    `update jobs set status = 'failed', completed_at = clock_timestamp(), failure_code = $1, failure_message = $2, ${NOTHING_REMOVED}
     where id in (select id from jobs where status = 'held' and ($3::uuid is null or id = $3) for update skip locked)
     returning ${JOB_COLUMNS}`,
    [LOST.code, LOST.message, id ?? null],
  );
  return rows.map(toJob);
}

/** Counts the jobs that are held or will be once their rows are in; stops counting at `most`. */
export async function countHolds(db: Db, most: number): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*) as n from (
       select from jobs where status in ('pending', 'processing') and mode ? 'hold'
       union all select from jobs where status = 'held' limit $1) holds`,
    [most],
  );
  return rows[0]!.n;
}

/** Returns the held jobs without an answer on a table, oldest first. @param table as jobs name it */
export async function heldInto(db: Db, table: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from jobs where status = 'held' and held_answer is null and target_table = $1 order by created_at, id`,
    [table],
  );
  return rows.map(({ id }) => id);
}

export interface HeldState {
  attempt: number;
  status: JobStatus;
  accepted: boolean;
  /** Its deadline has passed. */
  over: boolean;
}

/** Returns the states of the jobs that are held here, by id. */
export async function heldStates(db: Db, ids: readonly string[]): Promise<Map<string, HeldState>> {
  const { rows } = await db.query<HeldState & { id: string }>(
    `select id, attempt, status, coalesce(held_answer = 'accepted', false) as accepted,
       coalesce(held_until <= clock_timestamp(), false) as over
     from jobs where id = any($1)`,
    [ids],
  );
  return new Map(rows.map(({ id, ...state }) => [id, state]));
}

async function moved(db: Db, set: string, where: string, values: unknown[]): Promise<Job | null> {
  const { rows } = await db.query<JobRow>(
    `update jobs set ${set} where ${where} returning ${JOB_COLUMNS}`,
    values,
  );
  return rows[0] ? toJob(rows[0]) : null;
}
