/**
 * One attempt at one job, in a sentence: survey the file once, then read it batch by batch in a thread and load each
 * batch in one transaction, telling the progress after each commit, until every record is accounted for.
 *
 * Whatever ends a run early (a crash, a broken connection, a drain) leaves whole batches behind and a checkpoint;
 * the next attempt goes on from there. The pipeline does not know who is watching.
 */
import { type Progress, progressOf } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import { beginProcessing, type ClaimedJob, completeJob, loaderName } from '../sql/jobProgress.js';
import { type Connection, connect, type Pool } from '../sql/pool.js';
import { createLoader, Superseded } from './load.js';
import { openReading, type ReadLimits } from './reading.js';

export interface RunDependencies {
  pool: Pool;
  /** For the connections that load: they are the run's own and end with it. */
  connection: Connection;
  storage: { path(id: string): string };
  limits: ReadLimits;
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
  const client = await connect(deps.connection, loaderName(id, attempt));
  const reader = openReading({ path: deps.storage.path(id), jobId: id, limits: deps.limits, overrides });
  try {
    let { source } = job;
    if (job.status === 'pending' || source === null) {
      const survey = await reader.survey();
      const begun = await beginProcessing(deps.pool, id, attempt, survey);
      if (!begun) throw new Superseded(id);
      deps.publish(progressOf(begun));
      source = survey.source;
    }
    const loader = await createLoader(client, id, attempt);
    for await (const batch of reader.batches(source, checkpoint)) {
      deps.publish(progressOf(await loader.load(batch)));
      if (drain.aborted) return 'drained';
    }
    const completed = await completeJob(deps.pool, id, attempt);
    if (!completed) throw await whyNotCompleted(deps.pool, id, attempt);
    deps.publish(progressOf(completed));
    return 'completed';
  } finally {
    await reader.close();
    await client.end().catch(() => {});
  }
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
