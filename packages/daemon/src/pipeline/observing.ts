/** What those who measure are told of runs. */
import type { Job, LoadMode } from '@csvjobs/shared';
import { rejectCounts } from '../sql/jobCounts.js';
import type { Pool } from '../sql/pool.js';
import type { Warn } from './reading.js';

/** Told what was done, for those who measure. Must neither block nor throw. */
export interface RunObserver {
  /** A batch was committed; of a job in this mode. */
  loaded(batch: {
    table: string;
    mode: LoadMode;
    good: number;
    rejected: number;
    bytes: number;
    seconds: number;
  }): void;
  /** A job has ended, with so many rejects of each code. */
  ended(job: Job, rejects: Readonly<Record<string, number>>): void;
}

/** Tells of the end of a completed job. The reasons of rejects are counted once, and nobody waits for it. */
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
