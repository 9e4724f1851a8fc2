/** How jobs are processed, and how long they are kept. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { bytes, count, duration, MiB, milliseconds, period } from './kinds.js';

export const WORK = {
  BATCH_ROWS: count
    .max(200_000)
    .default(50_000)
    .describe('Maximum number of records in a batch, which is one transaction'),
  BATCH_BYTES: bytes.default(8 * MiB).describe('Maximum size of the records in a batch, in bytes'),
  WORKER_CONCURRENCY: count
    .default(1)
    .describe(
      'Number of jobs that a worker loads at a time, and of jobs with small files (SMALL_JOB_BYTES) in addition',
    ),
  SMALL_JOB_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(MiB)
    .describe(
      'Jobs with files of up to this decompressed size, in bytes, do not wait behind jobs with larger files; 0: one queue for all jobs',
    ),
  WORKER_LANES: count
    .max(16)
    .default(defaultLanes())
    .describe('Number of connections that load a job in parallel; by default depends on the number of cores'),
  RETRY_LIMIT: z.coerce
    .number()
    .int()
    .min(0)
    .default(10)
    .describe('Number of consecutive attempts without progress after which a job fails permanently'),
  RECOVER_INTERVAL: milliseconds
    .default(15_000)
    .describe('Interval between searches for jobs that Redis has lost, in ms'),
  PROGRESS_INTERVAL: milliseconds
    .default(300)
    .describe('Minimum time between two progress events of a job, in ms'),
  HOLD_TIMEOUT: period
    .prefault('1h')
    .describe(
      'How long a held job (--hold) waits to be accepted before its rows are rolled back. Until then it keeps them locked, and occupies a connection to PostgreSQL',
    ),
  MAX_HELD: count
    .default(20)
    .describe(
      'Maximum number of jobs that are held or will be (--hold), for all daemons together; further ones are refused (409). Each occupies a connection to PostgreSQL',
    ),
  RETAIN_FILES: duration
    .prefault('7d')
    .describe('How long the uploaded file of a job is kept after the job has ended; never: indefinitely'),
  RETAIN_JOBS: duration
    .optional()
    .describe(
      'How long a job and its report are kept after the job has ended; by default indefinitely. Loaded rows stay',
    ),
  RETAIN_UNDO: duration
    .prefault('30d')
    .describe('How long a job can be undone after it has ended; never: as long as the job is kept'),
  RETAIN_INTERVAL: milliseconds
    .min(100)
    .default(600_000)
    .describe('Interval between purges of expired jobs and files, in ms'),
  SHUTDOWN_TIMEOUT: milliseconds.default(10_000).describe('Maximum duration of a graceful shutdown, in ms'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Minimum level of log lines'),
};

/**
 * At least two lanes: on two cores, one lane takes 1.3 to 1.5 times as long as two, and with three the API's
 * response time is more than three times that of an idle daemon (bench/README.md). With more cores, one is
 * left for reading.
 */
function defaultLanes(): number {
  return Math.max(2, Math.min(4, availableParallelism() - 1));
}
