/**
 * What the daemon tells Prometheus. Counters and histograms are this process's own; the gauges of jobs and of the
 * queue are read from PostgreSQL when they are asked for, so they are the same whichever process is asked.
 */
import { JOB_STATUSES, type Job, REJECTION_CODES } from '@csvjobs/shared';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type JobCounts, jobCounts } from '../sql/jobCounts.js';
import type { Pool } from '../sql/pool.js';

export interface Metrics {
  /** All of it in the text format of Prometheus. Never fails: what cannot be read is left out. */
  exposition(): Promise<{ contentType: string; text: string }>;
  /** Where to look for the number of open streams. */
  countStreams(open: () => number): void;
  /** An answer was sent; `seconds` is undefined for a stream, which lasts as long as it is watched. */
  answered(request: { method: string; route: string; status: number }, seconds: number | undefined): void;
  uploaded(bytes: number, seconds: number): void;
  /** A batch was committed. */
  loaded(batch: { good: number; rejected: number; bytes: number; seconds: number }): void;
  /** A job has ended, with so many rejects by their code. */
  ended(job: Job, rejects: Readonly<Record<string, number>>): void;
}

/** In seconds: from a batch of a small file to a large one on a disk that is slow. */
const BATCH_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** In seconds: from an empty file to hours. */
const LONG_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200];

export function createMetrics({
  pool,
  version,
  role,
}: {
  pool: Pool;
  version: string;
  role: string;
}): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  new Gauge({
    name: 'csvjobs_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'role', 'node'],
    registers,
  }).set({ version, role, node: process.versions.node }, 1);

  const requests = new Counter({
    name: 'csvjobs_http_requests_total',
    help: 'Requests answered.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const requestSeconds = new Histogram({
    name: 'csvjobs_http_request_seconds',
    help: 'Time until an answer was sent whole; without uploads and streams.',
    labelNames: ['route'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const uploadSeconds = new Histogram({
    name: 'csvjobs_upload_seconds',
    help: 'Time of an upload that was accepted, from its first byte to its answer.',
    buckets: LONG_BUCKETS,
    registers,
  });
  const uploadBytes = new Counter({
    name: 'csvjobs_upload_bytes_total',
    help: 'Bytes of the files that were accepted.',
    registers,
  });
  const rows = new Counter({
    name: 'csvjobs_rows_total',
    help: 'Records committed, by where they ended: in customers or in the report.',
    labelNames: ['outcome'],
    registers,
  });
  const bytes = new Counter({
    name: 'csvjobs_bytes_total',
    help: 'Bytes of files of which all records are committed, decompressed.',
    registers,
  });
  const batchSeconds = new Histogram({
    name: 'csvjobs_batch_seconds',
    help: 'Time of a batch in PostgreSQL, from its beginning to its commit.',
    buckets: BATCH_BUCKETS,
    registers,
  });
  const jobsEnded = new Counter({
    name: 'csvjobs_jobs_ended_total',
    help: 'Jobs that ended here, by how.',
    labelNames: ['status'],
    registers,
  });
  const jobSeconds = new Histogram({
    name: 'csvjobs_job_seconds',
    help: 'Time of a job that ended, by phase: queued, reading, loading.',
    labelNames: ['phase'],
    buckets: LONG_BUCKETS,
    registers,
  });
  const rejects = new Counter({
    name: 'csvjobs_rejects_total',
    help: 'Rejected records of the jobs that were completed, by reason; counted when the job ends.',
    labelNames: ['code'],
    registers,
  });
  for (const outcome of ['loaded', 'rejected']) rows.inc({ outcome }, 0);
  for (const code of REJECTION_CODES) rejects.inc({ code }, 0);
  for (const status of ['completed', 'failed']) jobsEnded.inc({ status }, 0);

  const streams = streamGauge(registers);
  new Gauge({
    name: 'csvjobs_pool_connections',
    help: 'Connections of the pool to PostgreSQL that are in use or idle, and requests that wait for one.',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'used' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
  jobGauges(registers, () => jobCounts(pool));

  return {
    exposition: async () => ({ contentType: register.contentType, text: await register.metrics() }),
    countStreams: (open) => streams.from(open),
    answered: ({ method, route, status }, seconds) => {
      requests.inc({ method, route, status: String(status) });
      if (seconds !== undefined) requestSeconds.observe({ route }, seconds);
    },
    uploaded: (size, seconds) => {
      uploadBytes.inc(size);
      uploadSeconds.observe(seconds);
    },
    loaded: (batch) => {
      rows.inc({ outcome: 'loaded' }, batch.good);
      rows.inc({ outcome: 'rejected' }, batch.rejected);
      bytes.inc(batch.bytes);
      batchSeconds.observe(batch.seconds);
    },
    ended: (job, byCode) => {
      jobsEnded.inc({ status: job.status });
      const { queuedMs = 0, readingMs = 0, loadingMs = 0 } = job.timings ?? {};
      jobSeconds.observe({ phase: 'queued' }, queuedMs / 1_000);
      jobSeconds.observe({ phase: 'reading' }, readingMs / 1_000);
      jobSeconds.observe({ phase: 'loading' }, loadingMs / 1_000);
      for (const [code, count] of Object.entries(byCode)) rejects.inc({ code }, count);
    },
  };
}

function streamGauge(registers: Registry[]): { from(open: () => number): void } {
  let open = () => 0;
  new Gauge({
    name: 'csvjobs_streams_open',
    help: 'Progress streams that are open.',
    registers,
    collect() {
      this.set(open());
    },
  });
  return {
    from: (source) => {
      open = source;
    },
  };
}

/** One question to PostgreSQL for all of them; without an answer they have no values, and database_up is 0. */
function jobGauges(registers: Registry[], read: () => Promise<JobCounts>): void {
  const jobs = new Gauge({
    name: 'csvjobs_jobs',
    help: 'Jobs by status.',
    labelNames: ['status'],
    registers,
  });
  const depth = new Gauge({
    name: 'csvjobs_queue_depth',
    help: 'Jobs that wait for a worker.',
    // Without a label, so that there is a way to have no value.
    labelNames: [],
    registers,
  });
  const oldest = new Gauge({
    name: 'csvjobs_queue_oldest_seconds',
    help: 'Age of the job that has waited longest for a worker; 0 when none waits.',
    registers,
  });
  new Gauge({
    name: 'csvjobs_database_up',
    help: '1 when PostgreSQL answered to this question, else 0.',
    registers,
    async collect() {
      jobs.reset();
      try {
        const { byStatus, oldestPendingSeconds } = await read();
        for (const status of JOB_STATUSES) jobs.set({ status }, byStatus[status] ?? 0);
        depth.set(byStatus.pending ?? 0);
        oldest.set(oldestPendingSeconds);
        this.set(1);
      } catch {
        depth.set(Number.NaN);
        oldest.set(Number.NaN);
        this.set(0);
      }
    },
  });
}
