/**
 * The worker's place in a daemon: runs jobs from the queues, a few at a time, and keeps those that are held,
 * until it drains.
 */
import type { Config } from './config.js';
import { createFitness } from './fitness.js';
import type { ReadLimits } from './pipeline/reading.js';
import type { Subscriptions } from './progress/subscribe.js';
import { createHeldJobs } from './queue/heldJobs.js';
import { createOwnership } from './queue/ownership.js';
import { DeliverAgain } from './queue/queue.js';
import { enqueueJob, QUEUE_SIZES, type Queues } from './queue/queues.js';
import { createWorker, type WorkerDependencies } from './queue/worker.js';
import { checkRights, type HomeSchemas } from './sql/databaseRights.js';
import { reachDatabase } from './sql/reachable.js';
import type { Store } from './storage/store.js';

export interface Work {
  /**
   * Takes no more jobs, stops those under way after their current batch, and rolls held ones back; resolves
   * when all have stopped.
   */
  drain(): Promise<unknown>;
}

/** The limits for reading a file. */
export function readLimits(config: Config): ReadLimits {
  return {
    maxRecordBytes: config.MAX_RECORD_BYTES,
    maxDecodedBytes: config.maxDecodedBytes,
    batchRows: config.BATCH_ROWS,
    batchBytes: config.BATCH_BYTES,
  };
}

/** Starts to work on the queues' jobs: WORKER_CONCURRENCY jobs of each at a time. */
export function startWork(
  config: Config,
  queues: Queues,
  {
    subscriptions,
    home,
    present,
    ...given
  }: Omit<WorkerDependencies, 'limits' | 'lanes' | 'retryLimit' | 'ownership' | 'keeper'> & {
    subscriptions: Subscriptions;
    home: HomeSchemas;
    /** Throws if the uploads are unavailable. */
    present: Store['present'];
  },
): Work {
  const draining = new AbortController();
  const limits = readLimits(config);
  const ownership = createOwnership({ pool: given.pool, onProgress: subscriptions.subscribeAll });
  const heldJobs = createHeldJobs({
    ...given,
    timeoutMs: config.HOLD_TIMEOUT,
    onProgress: subscriptions.subscribeAll,
  });
  const work = createWorker(
    {
      ...given,
      keeper: heldJobs,
      limits,
      lanes: config.WORKER_LANES,
      retryLimit: config.RETRY_LIMIT,
      ownership,
    },
    draining.signal,
  );
  const { pool, connection, log } = given;
  const fitness = createFitness({
    needs: {
      PostgreSQL: {
        look: () => checkRights(pool, home),
        reach: async () => {
          await reachDatabase(connection);
          await checkRights(pool, home);
        },
      },
      'the uploads': { look: present },
    },
    pause: () => {
      for (const size of QUEUE_SIZES) queues[size].pause();
    },
    resume: () => {
      for (const size of QUEUE_SIZES) queues[size].resume();
    },
    log,
  });
  const workIfFit: typeof work = async (jobId, small) => {
    // It keeps its turn, on another host.
    if (!(await fitness.isFit())) throw new DeliverAgain(0);
    await work(jobId, small);
  };
  const underWay = new Set<Promise<void>>();
  // If PostgreSQL or Redis is unavailable, recovery finds the job.
  const ended = (jobId: string) =>
    void enqueueJob(pool, queues, jobId).catch((err) =>
      log.warn({ jobId, err }, 'cannot check whether the job was retried while its attempt ended'),
    );
  for (const size of QUEUE_SIZES)
    queues[size].process(
      config.WORKER_CONCURRENCY,
      (jobId) => {
        const done = workIfFit(jobId, size === 'small');
        const settled = done.catch(() => {}).finally(() => underWay.delete(settled));
        underWay.add(settled);
        return done;
      },
      ended,
    );
  return {
    drain() {
      draining.abort();
      for (const size of QUEUE_SIZES) queues[size].stop();
      return Promise.all([...underWay, heldJobs.close(), fitness.close()]);
    },
  };
}
