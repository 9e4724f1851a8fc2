/** The worker's place in a daemon: jobs from the queue, run one after the other, and those that are held, until the daemon drains. */
import type { Config } from './config.js';
import type { ReadLimits } from './pipeline/reading.js';
import type { Subscriptions } from './progress/subscribe.js';
import { createHeldJobs } from './queue/heldJobs.js';
import { createOwnership } from './queue/ownership.js';
import type { Queue } from './queue/queue.js';
import { createWorker, type WorkerDependencies } from './queue/worker.js';

export interface Work {
  /** Takes no more jobs, ends those under way after the batch that they are at, and rolls held ones back; resolves when they have ended. */
  drain(): Promise<unknown>;
}

/** The bounds on what reading a file may take. */
export function readLimits(config: Config): ReadLimits {
  return {
    maxRecordBytes: config.MAX_RECORD_BYTES,
    maxDecodedBytes: config.maxDecodedBytes,
    batchRows: config.BATCH_ROWS,
    batchBytes: config.BATCH_BYTES,
  };
}

/** Starts to work on what the queue delivers. */
export function startWork(
  config: Config,
  queue: Queue,
  {
    subscriptions,
    ...given
  }: Omit<WorkerDependencies, 'limits' | 'lanes' | 'retryLimit' | 'ownership' | 'keeper'> & {
    subscriptions: Subscriptions;
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
  const underWay = new Set<Promise<void>>();
  queue.process(config.WORKER_CONCURRENCY, (jobId) => {
    const done = work(jobId);
    const settled = done.catch(() => {}).finally(() => underWay.delete(settled));
    underWay.add(settled);
    return done;
  });
  return {
    drain() {
      draining.abort();
      queue.stop();
      return Promise.all([...underWay, heldJobs.close()]);
    },
  };
}
