/** Reports runs to an observer, for metrics. */
import type { Job, LoadMode } from '@csvjobs/shared';
import { rejectCounts } from '../sql/jobCounts.js';
import type { Pool } from '../sql/pool.js';
import type { Warn } from './reading.js';

/** Receives the results of runs, for metrics. Must neither block nor throw. */
export interface RunObserver {
  /** Called after the commit of a batch, with the mode of its job. */
  loaded(batch: {
    table: string;
    mode: LoadMode;
    good: number;
    rejected: number;
    bytes: number;
    seconds: number;
  }): void;
  /** Called when a job has ended, with the number of rejects for each code. */
  ended(job: Job, rejects: Readonly<Record<string, number>>): void;
}

/** Reports the end of a completed job. Counts the rejects by code, in the background. */
export function observeEnd(
  { pool, observer }: { pool: Pool; observer?: RunObserver | undefined },
  job: Job,
  warn: Warn,
): void {
  if (!observer) return;
  const counted = job.failedCount === 0 ? Promise.resolve({}) : rejectCounts(pool, job.id);
  void counted
    .catch((error: Error) => {
      warn('cannot count the rejected rows of a completed job by code; the metrics lack them', error);
      return {};
    })
    .then((rejects) => observer.ended(job, rejects));
}
