/**
 * One attempt at one job, in a sentence: survey the file once, then read it batch by batch in a thread and load each
 * batch in one transaction, telling the progress after each commit, until every record is accounted for.
 *
 * A job that is to be looked at first ends as held: its transaction goes to a keeper, who waits for the answer (holding.ts).
 *
 * Whatever ends a run early (a crash, a broken connection, a drain) leaves whole batches behind and a checkpoint;
 * the next attempt goes on from there. Of a job whose rows go in as one transaction nothing is left, and the next attempt
 * begins anew. The pipeline does not know who is watching.
 */
import { type Job, type Progress, progressOf, tableOfJob } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import { beginProcessing, type ClaimedJob, endAttempt } from '../sql/jobProgress.js';
import type { Connection, Pool } from '../sql/pool.js';
import { isLocked } from '../sql/target/catalog.js';
import type { Store } from '../storage/store.js';
import { complete } from './completing.js';
import { checkGate } from './gate.js';
import { FIRM_HOLD, type Hold, unlessAborted } from './hold.js';
import { beforeFirstRow, holdForAnswer, type Keeper } from './holding.js';
import { Superseded } from './lane.js';
import type { LoadOptions } from './load.js';
import type { OpenLane } from './loading.js';
import { observeEnd, type RunObserver } from './observing.js';
import { prepareLoad } from './prepareLoad.js';
import type { Readers } from './readers.js';
import type { AnyBatch, Reading, ReadLimits, Warn } from './reading.js';
import { sameFile } from './sameFile.js';

export interface RunDependencies {
  observer?: RunObserver;
  pool: Pool;
  /** For the connections that load: they are the run's own and end with it. */
  connection: Connection;
  storage: Pick<Store, 'source' | 'emailsPath' | 'forgetEmails' | 'explain'>;
  limits: ReadLimits;
  readers: Pick<Readers, 'open'>;
  /** Connections that load side by side, at most. */
  lanes: number;
  /** Where what went wrong without harm to the load, or is waited for, is told. */
  log?: { warn(fields: object, message: string): void };
  /** Who waits for the answer to a job that is held. */
  keeper: Keeper;
  /** Told after each commit; must neither block nor throw. */
  publish: (progress: Progress) => void;
}

/** How a run ends that has not failed. */
export type Ended = 'completed' | 'held' | 'drained';

/**
 * Runs a claimed job to its end. `drain` ends it after the batch that it is at, with everything so far committed; a survey
 * it ends at once. When the job is lost (`hold`) nothing is waited for: the thread is ended, the connections are cut and their
 * backends ended, and whatever may still hang somewhere is fenced.
 * @throws {Superseded} when the job is no longer this attempt's
 * @throws {Failure} for reasons in the file; errors of PostgreSQL as they come
 */
export async function run(
  claimed: ClaimedJob,
  deps: RunDependencies,
  drain: AbortSignal,
  hold: Hold = FIRM_HOLD,
): Promise<Ended> {
  const { id, attempt } = claimed.job;
  const warn: Warn = (message, err) => deps.log?.warn({ jobId: id, attempt, err }, message);
  const input = await unlessAborted(hold.lost, sameFile(deps, id, attempt), () => new Superseded(id));
  const task = {
    input,
    emailsPath: deps.storage.emailsPath(id),
    jobId: id,
    limits: deps.limits,
    overrides: claimed.overrides,
    into: claimed.into,
  };
  const reading = deps.readers.open(task, warn);
  const lanes: OpenLane[] = [];
  const letGo = () => {
    void reading.close().catch(() => {});
    for (const lane of lanes) lane.cut();
    void endAttempt(deps.pool, id, attempt).catch(() => {});
  };
  hold.lost.addEventListener('abort', letGo, { once: true });
  const ended = attemptAt(claimed, { reading, lanes, warn }, deps, drain, hold).finally(() =>
    hold.lost.removeEventListener('abort', letGo),
  );
  return unlessAborted(hold.lost, ended, () => new Superseded(id));
}

/** What an attempt works with, which ends with it. `lanes` are those that it has opened so far. */
interface Tools {
  reading: Reading;
  lanes: OpenLane[];
  warn: Warn;
}

async function attemptAt(
  { job, checkpoint, into }: ClaimedJob,
  { reading, lanes, warn }: Tools,
  deps: RunDependencies,
  drain: AbortSignal,
  hold: Hold,
): Promise<Ended> {
  const { id, attempt } = job;
  try {
    let { source, totalRows } = job;
    // An older daemon has not kept the layout of the file, by which records are whole or not.
    if (job.status === 'pending' || source?.fields === undefined) {
      const survey = await unlessAborted(
        drain,
        reading.survey(publishReading(job, deps.publish)),
        () => new Drained(),
      ).catch(drained);
      if (!survey) return 'drained';
      const begun = await beginProcessing(deps.pool, id, attempt, survey);
      if (!begun) throw new Superseded(id);
      deps.publish(progressOf(begun));
      ({ source, totalRows } = survey);
    }
    hold.loading();
    const stopped = AbortSignal.any([hold.lost, drain]);
    const logPath = deps.storage.emailsPath(id);
    const what = { job, source, checkpoint, totalRows, reading, lanes, stopped, logPath, warn };
    const tableEnd = job.mode?.hold ? await beforeFirstRow(deps.pool, id) : 0;
    const start = await prepareLoad(deps, into, what).catch((error) => {
      if (drain.aborted && isLocked(error)) return undefined;
      throw error;
    });
    if (!start) return 'drained';
    if (hold.lost.aborted) throw new Superseded(id);
    let before = { good: job.successCount, rejected: job.failedCount, offset: checkpoint.byteOffset };
    const committed: LoadOptions<AnyBatch>['committed'] = (loaded, batch, seconds) => {
      deps.publish(loaded);
      const now = {
        good: loaded.successCount,
        rejected: loaded.failedCount,
        offset: batch.checkpoint.byteOffset,
      };
      const { good, rejected } = { good: now.good - before.good, rejected: now.rejected - before.rejected };
      deps.observer?.loaded({
        table: tableOfJob(job),
        mode: job.mode ?? {},
        good,
        rejected,
        bytes: now.offset - before.offset,
        seconds,
      });
      before = now;
      reading.giveBack(batch);
      checkGate(job.mode ?? {}, loaded);
    };
    await start({ committed, drain });
    if (drain.aborted) return 'drained';
    const held = job.mode?.hold === true;
    const ended = held
      ? await holdForAnswer(job, tableEnd, { ...deps, lanes, warn })
      : await complete(job, { ...deps, lanes, warn });
    if (!ended) throw await whyNotCompleted(deps.pool, id, attempt);
    deps.publish(progressOf(ended));
    if (held) return 'held';
    observeEnd(deps, ended, warn);
    return 'completed';
  } finally {
    await Promise.all([reading.close(), ...lanes.map((lane) => lane.close())]);
  }
}

/** Publishes how far a survey is, as progress of the pending job. */
function publishReading(job: Job, publish: RunDependencies['publish']): Parameters<Reading['survey']>[0] {
  // An older daemon may have begun to load: its rows say how far the job is.
  if (job.status !== 'pending') return undefined;
  return ({ readBytes, pass }) =>
    publish({ ...progressOf(job), reading: { readBytes, totalBytes: job.sizeBytes, pass } });
}

/** Ends a survey whose daemon stops; what it has found so far is of no use. */
class Drained extends Error {
  override readonly name = 'Drained';
}

function drained(error: unknown): undefined {
  if (!(error instanceof Drained)) throw error;
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
