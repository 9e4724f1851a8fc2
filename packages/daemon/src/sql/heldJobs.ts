/**
 * The moves of a job that is held: all its rows are in, in a transaction that its holder keeps open until a person has
 * answered (docs/decisions/0041-held-jobs.md). An answer stands in the job's row. Each move goes from `held`, so of two
 * that meet the row's lock lets one through; the move to `completed` is made by the rows' own transaction.
 */
import type { ChangedRow, Job, JobStatus } from '@csvjobs/shared';
import { JOB_COLUMNS, type JobRow, SINCE_PHASE, toJob } from './jobs.js';
import type { Db } from './pool.js';

/** Rows that a replacement would have removed are in the table again. */
const NOTHING_REMOVED = 'removed_count = 0, removed_rows = null';

/** The end of a held job that its holder or another daemon makes. */
export interface HeldFailure {
  code: 'hold_expired' | 'hold_lost';
  message: string;
}

const AGAIN = 'its rows were rolled back, and nothing of it was loaded. Run it again with csvjobs retry';

export const EXPIRED: HeldFailure = {
  code: 'hold_expired',
  message: `nobody has accepted the job within the time of HOLD_TIMEOUT: ${AGAIN}`,
};
export const STOPPED: HeldFailure = {
  code: 'hold_lost',
  message: `the daemon that held the job was stopped before anybody had accepted it: ${AGAIN}`,
};
/** Also what is said where nobody is left who knows more. */
export const LOST: HeldFailure = {
  code: 'hold_lost',
  message: `the daemon that held the job has ended, or has lost its connection to PostgreSQL, before the rows were committed: ${AGAIN}`,
};

/**
 * From processing to held, for so many milliseconds. Refused while a record of the file is unaccounted for. Not to be sent in the
 * transaction of the rows: all others are to see it.
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

/** Accepts a held job whose time is not over. Its holder commits the rows. Null where it cannot be accepted (any more). */
export async function acceptHeld(db: Db, id: string, by: string): Promise<Job | null> {
  return moved(
    db,
    `held_answer = 'accepted', held_answer_at = clock_timestamp(), held_answer_by = $2`,
    `id = $1 and status = 'held' and held_answer is null and held_until > clock_timestamp()`,
    [id, by],
  );
}

/** Ends a held job of which nothing is to stay. Null where it is not held, or was accepted. */
export async function discardHeld(db: Db, id: string, by: string): Promise<Job | null> {
  return moved(
    db,
    `status = 'cancelled', completed_at = clock_timestamp(), ${NOTHING_REMOVED},
       held_answer = 'discarded', held_answer_at = clock_timestamp(), held_answer_by = $2`,
    `id = $1 and status = 'held' and held_answer is null`,
    [id, by],
  );
}

/** From held to completed, in the transaction of the rows. Null where the job was not accepted, or has ended. */
export async function completeHeld(db: Db, id: string, attempt: number): Promise<Job | null> {
  return moved(
    db,
    `status = 'completed', completed_at = clock_timestamp()`,
    `id = $1 and attempt = $2 and status = 'held' and held_answer = 'accepted'`,
    [id, attempt],
  );
}

/** From held to failed. Null where it is not held by this attempt (any more), or where `unless` holds. */
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
 * Ends held jobs whose transaction is gone: their holder was killed, say. Its lock on the job is gone with it, so what can be
 * locked has no holder. @param id one job; by default all
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

/** How many jobs are held, or are to be when their rows are in; counts no further than `most`. */
export async function countHolds(db: Db, most: number): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*) as n from (
       select from jobs where status in ('pending', 'processing') and mode ? 'hold'
       union all select from jobs where status = 'held' limit $1) holds`,
    [most],
  );
  return rows[0]!.n;
}

/** The jobs that are held on a table without an answer, oldest first. @param table as jobs have its name */
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
  /** Its time is over. */
  over: boolean;
}

/** How jobs are that are held here, by their ids. */
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
