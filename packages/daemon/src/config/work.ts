/** How jobs are processed, and how long they are kept. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { bytes, count, duration, MiB, milliseconds, period } from './kinds.js';

export const WORK = {
  BATCH_ROWS: count
    .max(200_000)
    .default(50_000)
    .describe('Most records in a batch, which is one transaction'),
  BATCH_BYTES: bytes.default(8 * MiB).describe('Most bytes of records in a batch'),
  WORKER_CONCURRENCY: count
    .default(1)
    .describe('Jobs that are worked on at a time, and as many of small files besides (SMALL_JOB_BYTES)'),
  SMALL_JOB_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(MiB)
    .describe(
      'Largest file, decompressed and in bytes, whose job does not wait behind jobs of larger ones; 0 lets all jobs wait in one queue',
    ),
  WORKER_LANES: count
    .max(16)
    .default(defaultLanes())
    .describe('Connections that load a job side by side; from the cores at hand'),
  RETRY_LIMIT: z.coerce
    .number()
    .int()
    .min(0)
    .default(10)
    .describe('Failures in a row, without progress, before a job is failed for good'),
  RECOVER_INTERVAL: milliseconds
    .default(15_000)
    .describe('How often jobs that Redis lost are looked for, in ms'),
  PROGRESS_INTERVAL: milliseconds
    .default(300)
    .describe('Least time between two progress events of a job, in ms'),
  HOLD_TIMEOUT: period
    .prefault('1h')
    .describe(
      'How long a job that was uploaded with --hold waits to be accepted; then its rows are rolled back. Until then it keeps them locked, and a connection to PostgreSQL',
    ),
  MAX_HELD: count
    .default(20)
    .describe(
      'Most jobs that are held or will be (--hold), over all daemons; further ones are refused (409). Each takes a connection to PostgreSQL',
    ),
  RETAIN_FILES: duration
    .prefault('7d')
    .describe('How long the uploaded file of a job is kept after the job has ended; never to keep them all'),
  RETAIN_JOBS: duration
    .optional()
    .describe(
      'How long a job and its report are kept after it has ended; for good by default. Customers stay',
    ),
  RETAIN_UNDO: duration
    .prefault('30d')
    .describe('How long after its end a job can be undone; never for as long as it is there'),
  RETAIN_INTERVAL: milliseconds
    .min(100)
    .default(600_000)
    .describe('How often it is looked for what is not to be kept any more, in ms'),
  SHUTDOWN_TIMEOUT: milliseconds
    .default(10_000)
    .describe('Longest time that an orderly stop may take, in ms'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least level of the log lines'),
};

/**
 * At least two lanes: on two cores, one lane takes 1.3 to 1.5 times as long as two, and with three the API's
 * response time is more than three times that of an idle daemon (bench/README.md). With more cores, one is
 * left for reading.
 */
function defaultLanes(): number {
  return Math.max(2, Math.min(4, availableParallelism() - 1));
}
