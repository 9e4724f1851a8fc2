/**
 * One attempt at one job: survey the file once, then read it batch by batch in a thread, load each batch in one
 * transaction, and publish the progress after each commit, until every record is accounted for.
 *
 * A job with `--hold` ends as held: its transaction goes to a keeper, who waits for the answer (holding.ts).
 *
 * If anything stops a run early (a crash, a broken connection, a drain), complete batches and a checkpoint remain, and the
 * next attempt resumes there. If all rows are one transaction, nothing remains, and the next attempt starts from scratch.
 * The pipeline does not know who is watching.
 */
import { type Job, type Progress, progressOf, tableOfJob, wasOrWere, withNoun } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import { endAttempt } from '../sql/attempts.js';
import type { ClaimedJob } from '../sql/claimJob.js';
import { beginProcessing } from '../sql/jobProgress.js';
import { isLocked } from '../sql/patience.js';
import type { Connection, Pool } from '../sql/pool.js';
import { withKeyTypes } from '../sql/target/lookupTables.js';
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
  /** For the connections that load: they belong to the run and close with it. */
  connection: Connection;
  storage: Pick<Store, 'source' | 'emailsPath' | 'forgetEmails' | 'explain'>;
  limits: ReadLimits;
  readers: Pick<Readers, 'open'>;
  /** Maximum number of connections that load side by side. */
  lanes: number;
  /** Logs errors that do not harm the load, and what the run waits for. */
  log?: { warn(fields: object, message: string): void };
  /** Waits for the answer to a held job. */
  keeper: Keeper;
  /** Called after each commit; must neither block nor throw. */
  publish: (progress: Progress) => void;
}

/** How a run that has not failed ends. */
export type Ended = 'completed' | 'held' | 'drained';

/**
 * Runs a claimed job to its end. `drain` stops it after the current batch, with everything before committed; it stops a
 * survey at once. If the job is lost (`hold`), the run waits for nothing: it stops the thread, cuts the connections and ends
 * their backends. The fence stops anything that may still hang somewhere.
 * @throws {Superseded} if the job no longer belongs to this attempt
 * @throws {Failure} for reasons in the file; passes on errors of PostgreSQL
 */
export async function run(
  claimed: ClaimedJob,
  deps: RunDependencies,
  drain: AbortSignal,
  hold: Hold = FIRM_HOLD,
): Promise<Ended> {
  const { id, attempt } = claimed.job;
  const warn: Warn = (message, err) => deps.log?.warn({ jobId: id, attempt, err }, message);
  const [input, into] = await unlessAborted(
    hold.lost,
    Promise.all([sameFile(deps, id, attempt), withKeyTypes(deps.pool, claimed.into)]),
    () => new Superseded(id),
  );
  const task = {
    input,
    emailsPath: deps.storage.emailsPath(id),
    jobId: id,
    limits: deps.limits,
    overrides: claimed.overrides,
    into,
  };
  const reading = deps.readers.open(task, warn);
  const lanes: OpenLane[] = [];
  const letGo = () => {
    void reading.close().catch(() => {});
    for (const lane of lanes) lane.cut();
    void endAttempt(deps.pool, id, attempt).catch(() => {});
  };
  hold.lost.addEventListener('abort', letGo);
  const ended = attemptAt(claimed, { reading, lanes, warn }, deps, drain, hold).finally(() =>
    hold.lost.removeEventListener('abort', letGo),
  );
  return unlessAborted(hold.lost, ended, () => new Superseded(id));
}

/** The tools of an attempt, which close with it. `lanes` are those it has opened so far. */
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
    // An older daemon has not stored the file's layout, which decides whether a record is complete.
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

/** Publishes the position of a survey, as progress of the pending job. */
function publishReading(job: Job, publish: RunDependencies['publish']): Parameters<Reading['survey']>[0] {
  // An older daemon may have started to load: then its rows are the progress.
  if (job.status !== 'pending') return undefined;
  return ({ readBytes, pass }) =>
    publish({ ...progressOf(job), reading: { readBytes, totalBytes: job.sizeBytes, pass } });
}

/** Stops a survey because the daemon stops; its findings so far are useless. */
class Drained extends Error {
  override readonly name = 'Drained';
}

function drained(error: unknown): undefined {
  if (!(error instanceof Drained)) throw error;
}

/** Explains why a job did not complete: another attempt took it over, or, a defect, records are unaccounted for. */
async function whyNotCompleted(pool: Pool, id: string, attempt: number): Promise<Failure> {
  const { rows } = await pool.query<{ total_rows: number; processed_rows: number }>(
    `select total_rows, processed_rows from jobs where id = $1 and attempt = $2 and status = 'processing'`,
    [id, attempt],
  );
  const counts = rows[0];
  if (!counts) return new Superseded(id);
  return new Failure(
    'records_unaccounted',
    `the file has ${withNoun(counts.total_rows, 'record')} but ${counts.processed_rows} ${wasOrWere(counts.processed_rows)} processed; the file was changed on disk, or this is a bug in csvjobs: please report it`,
  );
}
