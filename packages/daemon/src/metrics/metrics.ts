/**
 * The metrics of the daemon for Prometheus. Counters and histograms belong to this process; the gauges of
 * jobs and of the queue are read from PostgreSQL on request, so they are the same in every process.
 */
import { type Job, type LoadMode, loadsNothing, tableOfJob } from '@csvjobs/shared';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { jobCounts } from '../sql/jobCounts.js';
import type { Pool } from '../sql/pool.js';
import { countOpenUploads } from '../sql/resumable/uploads.js';
import { pendingDeliveries } from '../sql/webhooks/deliveries.js';
import { createCounters } from './counters.js';
import { jobGauges, openGauge, poolGauge } from './gauges.js';
import { type MeasuredStore, storeGauges } from './uploadGauges.js';
import { webhookGauges } from './webhookGauges.js';

export interface LoadedBatch {
  table: string;
  mode: LoadMode;
  good: number;
  rejected: number;
  bytes: number;
  seconds: number;
}

export interface Metrics {
  /** All metrics in the text format of Prometheus. Never fails: values that cannot be read are left out. */
  exposition(): Promise<{ contentType: string; text: string }>;
  /** Sets how to read the number of open streams. */
  countStreams(open: () => number): void;
  /** Sets how to read the number of uploads under way. */
  countUploads(open: () => number): void;
  /** A piece of a resumable upload was stored. */
  piece(bytes: number): void;
  /** An answer was sent; `seconds` is undefined for a stream, which lasts as long as it is watched. */
  answered(request: { method: string; route: string; status: number }, seconds: number | undefined): void;
  uploaded(bytes: number, seconds: number): void;
  /** A batch was committed; of a job in this mode. */
  loaded(batch: LoadedBatch): void;
  /** An attempt to deliver a webhook has ended. */
  webhook(outcome: 'delivered' | 'retry' | 'failed'): void;
  /** A job has ended, with its number of rejects by code. */
  ended(job: Job, rejects: Readonly<Record<string, number>>): void;
}

export function createMetrics({
  pool,
  version,
  role,
  store,
}: {
  pool: Pool;
  version: string;
  role: string;
  /** The store of uploads, if this process measures one. */
  store?: MeasuredStore;
}): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  new Gauge({
    name: 'csvjobs_build_info',
    help: 'Always 1; the labels are the versions of csvjobs and Node.js, and the role.',
    labelNames: ['version', 'role', 'node'],
    registers,
  }).set({ version, role, node: process.versions.node }, 1);

  const count = createCounters(registers);
  const streams = openGauge(registers, {
    name: 'csvjobs_streams_open',
    help: 'Open progress streams.',
  });
  const uploads = openGauge(registers, {
    name: 'csvjobs_uploads_open',
    help: 'Uploads in progress in this process; for resumable ones, their requests.',
  });
  poolGauge(registers, pool);
  const readJobs = jobGauges(registers, () => jobCounts(pool));
  const readStore = storeGauges(registers, store, async () => (await countOpenUploads(pool)).all);
  const readWebhooks = webhookGauges(registers, () => pendingDeliveries(pool));

  return {
    exposition: async () => {
      await Promise.all([readJobs(), readStore(), readWebhooks()]);
      return { contentType: register.contentType, text: await register.metrics() };
    },
    countStreams: (open) => streams.from(open),
    countUploads: (open) => uploads.from(open),
    piece: (bytes) => count.pieceBytes.inc(bytes),
    answered: ({ method, route, status }, seconds) => {
      count.requests.inc({ method, route, status: String(status) });
      if (seconds !== undefined) count.requestSeconds.observe({ route }, seconds);
    },
    uploaded: (size, seconds) => {
      count.uploadBytes.inc(size);
      count.uploadSeconds.observe(seconds);
    },
    loaded: ({ table, mode, good, rejected, bytes, seconds }) => {
      count.batchSeconds.observe(seconds);
      if (mode.dryRun) return count.rows.inc({ outcome: 'dry_run', table }, good + rejected);
      count.bytes.inc(bytes);
      // An atomic job starts from scratch after a crash, and its rows are in the table only when it is
      // completed.
      if (mode.atomic) return;
      count.rows.inc({ outcome: 'loaded', table }, good);
      count.rows.inc({ outcome: 'rejected', table }, rejected);
    },
    webhook: (outcome) => count.webhooks.inc({ outcome }),
    ended: (job, byCode) => {
      const { atomic, dryRun } = job.mode ?? {};
      if (atomic && !dryRun) {
        const table = tableOfJob(job);
        count.rows.inc({ outcome: 'loaded', table }, loadsNothing(job) ? 0 : job.successCount);
        count.rows.inc({ outcome: 'rejected', table }, job.failedCount);
      }
      count.jobsEnded.inc({ status: job.status });
      const removed = loadsNothing(job) ? 0 : (job.counts?.removed ?? 0);
      if (removed > 0) count.rows.inc({ outcome: 'removed', table: tableOfJob(job) }, removed);
      const { queuedMs = 0, readingMs = 0, loadingMs = 0 } = job.timings ?? {};
      count.jobSeconds.observe({ phase: 'queued' }, queuedMs / 1_000);
      count.jobSeconds.observe({ phase: 'reading' }, readingMs / 1_000);
      count.jobSeconds.observe({ phase: 'loading' }, loadingMs / 1_000);
      if (!dryRun) for (const [code, found] of Object.entries(byCode)) count.rejects.inc({ code }, found);
    },
  };
}
