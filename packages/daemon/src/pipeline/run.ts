/**
 * One attempt at one job, in a sentence: survey the file once, then read it batch by batch in a thread and load each
 * batch in one transaction, telling the progress after each commit, until every record is accounted for.
 *
 * Whatever ends a run early (a crash, a broken connection, a drain) leaves whole batches behind and a checkpoint;
 * the next attempt goes on from there. The pipeline does not know who is watching.
 */
import { type Job, type Progress, progressOf } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import { customersEstimate } from '../sql/customerEmails.js';
import { rejectCounts } from '../sql/jobCounts.js';
import { beginProcessing, type ClaimedJob, completeJob, loaderName } from '../sql/jobProgress.js';
import { maySkipForeignKey, openLane } from '../sql/lanes.js';
import type { Connection, Pool } from '../sql/pool.js';
import type { Storage } from '../storage/storage.js';
import { createLane, type Lane, Superseded } from './lane.js';
import { type LoadOptions, load } from './load.js';
import type { Readers } from './readers.js';
import type { BatchesRequest, ReadLimits } from './reading.js';

/** Told what was done, for those who measure. Must neither block nor throw. */
export interface RunObserver {
  /** A batch was committed. */
  loaded(batch: { good: number; rejected: number; bytes: number; seconds: number }): void;
  /** A job has ended, with so many rejects of each code. */
  ended(job: Job, rejects: Readonly<Record<string, number>>): void;
}

export interface RunDependencies {
  observer?: RunObserver;
  pool: Pool;
  /** For the connections that load: they are the run's own and end with it. */
  connection: Connection;
  storage: Pick<Storage, 'path' | 'emailsPath' | 'forgetEmails'>;
  limits: ReadLimits;
  readers: Pick<Readers, 'open'>;
  /** Connections that load side by side, at most. */
  lanes: number;
  /** Told after each commit; must neither block nor throw. */
  publish: (progress: Progress) => void;
}

/**
 * Runs a claimed job to its end. `drain` ends it after the batch that it is at, with everything so far committed.
 * @throws {Superseded} when the job is no longer this attempt's
 * @throws {Failure} for reasons in the file; errors of PostgreSQL as they come
 */
export async function run(
  { job, checkpoint, overrides }: ClaimedJob,
  deps: RunDependencies,
  drain: AbortSignal,
): Promise<'completed' | 'drained'> {
  const { id, attempt } = job;
  const reading = deps.readers.open({
    path: deps.storage.path(id),
    emailsPath: deps.storage.emailsPath(id),
    jobId: id,
    limits: deps.limits,
    overrides,
  });
  const lanes: Lane[] = [];
  try {
    let { source, totalRows } = job;
    if (job.status === 'pending' || source === null) {
      const survey = await reading.survey();
      const begun = await beginProcessing(deps.pool, id, attempt, survey);
      if (!begun) throw new Superseded(id);
      deps.publish(progressOf(begun));
      ({ source, totalRows } = survey);
    }
    const remaining = totalRows - checkpoint.rowNumber;
    lanes.push(...(await openLanes(deps, job, laneCount(deps, remaining))));
    let before = { good: job.successCount, rejected: job.failedCount, offset: checkpoint.byteOffset };
    const committed: LoadOptions['committed'] = (loaded, batch, seconds) => {
      deps.publish(loaded);
      const now = {
        good: loaded.successCount,
        rejected: loaded.failedCount,
        offset: batch.checkpoint.byteOffset,
      };
      const { good, rejected } = { good: now.good - before.good, rejected: now.rejected - before.rejected };
      deps.observer?.loaded({ good, rejected, bytes: now.offset - before.offset, seconds });
      before = now;
      reading.giveBack(batch);
    };
    const emails = await emailsToExpect(deps, totalRows, remaining);
    await load(reading.batches({ source, checkpoint, emails }), lanes, { committed, drain });
    if (drain.aborted) return 'drained';
    // Before the end is written: a crash in between would leave it for nobody.
    await deps.storage.forgetEmails(id);
    const completed = await completeJob(deps.pool, id, attempt);
    if (!completed) throw await whyNotCompleted(deps.pool, id, attempt);
    deps.publish(progressOf(completed));
    observeEnd(deps, completed);
    return 'completed';
  } finally {
    await Promise.all([reading.close(), ...lanes.map((lane) => lane.close())]);
  }
}

/** The reasons of rejects are counted once, at the end, and nobody waits for it. */
function observeEnd({ pool, observer }: RunDependencies, job: Job): void {
  if (!observer) return;
  const counted = job.failedCount === 0 ? Promise.resolve({}) : rejectCounts(pool, job.id);
  void counted.catch(() => ({})).then((rejects) => observer.ended(job, rejects));
}

/** Known rows of the table that cost as much to read as one row of the file saves by their being known. */
const KNOWN_PER_ROW = 4;

/**
 * Whether reading should know the e-mails of the table. Without them, rows that are there already fail their batch's
 * straight way; reading them all is worth it unless the table is much larger than what is left of the file.
 */
async function emailsToExpect(
  deps: RunDependencies,
  totalRows: number,
  remainingRows: number,
): Promise<BatchesRequest['emails']> {
  const there = await customersEstimate(deps.pool);
  if (there === 0 || there > KNOWN_PER_ROW * remainingRows) return { expected: totalRows, table: undefined };
  return { expected: totalRows + there, table: deps.connection };
}

/** A lane is worth its connection when it has a batch of its own. */
function laneCount({ lanes, limits }: RunDependencies, remainingRows: number): number {
  return Math.max(1, Math.min(lanes, Math.ceil(remainingRows / limits.batchRows)));
}

async function openLanes(deps: RunDependencies, { id, attempt }: Job, count: number): Promise<Lane[]> {
  const skipForeignKey = await maySkipForeignKey(deps.pool);
  const open = () => openLane(deps.connection, loaderName(id, attempt), skipForeignKey);
  const opened = await Promise.allSettled(Array.from({ length: count }, open));
  const lanes = opened.flatMap((each) =>
    each.status === 'fulfilled' ? [createLane(each.value, id, attempt)] : [],
  );
  for (const each of opened) {
    if (each.status === 'fulfilled') continue;
    await Promise.all(lanes.map((lane) => lane.close()));
    throw each.reason;
  }
  return lanes;
}

/** A job that did not become completed was either taken over, or has records that nobody has seen: a defect. */
async function whyNotCompleted(pool: Pool, id: string, attempt: number): Promise<Failure> {
  const { rows } = await pool.query<{ total_rows: number; processed_rows: number }>(
    `select total_rows, processed_rows from jobs where id = $1 and attempt = $2 and status = 'processing'`,
    [id, attempt],
  );
  const counts = rows[0];
  if (!counts) return new Superseded(id);
  return new Failure(
    'records_unaccounted',
    `the file has ${counts.total_rows} records but ${counts.processed_rows} were processed; the file was changed on disk, or this is a defect of csvjobs: please report it`,
  );
}
