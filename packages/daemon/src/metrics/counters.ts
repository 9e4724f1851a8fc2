/** What this process counts and times: answers, uploads, batches, finished jobs, and their rejects. */
import { CUSTOMERS, REJECTION_CODES } from '@csvjobs/shared';
import { Counter, Histogram, type Registry } from 'prom-client';

/** In seconds: from a batch of a small file to a large one on a disk that is slow. */
const BATCH_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** In seconds: from an empty file to hours. */
const LONG_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200];

export function createCounters(registers: Registry[]) {
  const requests = new Counter({
    name: 'csvjobs_http_requests_total',
    help: 'Answered requests.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const requestSeconds = new Histogram({
    name: 'csvjobs_http_request_seconds',
    help: 'Time until an answer is sent in full; without uploads and streams.',
    labelNames: ['route'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const uploadSeconds = new Histogram({
    name: 'csvjobs_upload_seconds',
    help: 'Duration of accepted uploads, from the first byte to the answer.',
    buckets: LONG_BUCKETS,
    registers,
  });
  const uploadBytes = new Counter({
    name: 'csvjobs_upload_bytes_total',
    help: 'Bytes of accepted files.',
    registers,
  });
  const pieceBytes = new Counter({
    name: 'csvjobs_upload_piece_bytes_total',
    help: 'Bytes stored of resumable uploads, including those that did not become a job.',
    registers,
  });
  const rows = new Counter({
    name: 'csvjobs_rows_total',
    help: 'Committed records by table and outcome: loaded, or rejected; removed: rows that a replacement removed; dry_run: records of dry runs, none of which is in the table.',
    labelNames: ['outcome', 'table'],
    registers,
  });
  const bytes = new Counter({
    name: 'csvjobs_bytes_total',
    help: 'Bytes of committed records, decompressed; without dry runs.',
    registers,
  });
  const batchSeconds = new Histogram({
    name: 'csvjobs_batch_seconds',
    help: 'Duration of a batch in PostgreSQL, from its start to its commit.',
    buckets: BATCH_BUCKETS,
    registers,
  });
  const jobsEnded = new Counter({
    name: 'csvjobs_jobs_ended_total',
    help: 'Jobs that ended in this process, by status.',
    labelNames: ['status'],
    registers,
  });
  const jobSeconds = new Histogram({
    name: 'csvjobs_job_seconds',
    help: 'Duration of ended jobs, by phase: queued, reading, loading.',
    labelNames: ['phase'],
    buckets: LONG_BUCKETS,
    registers,
  });
  const rejects = new Counter({
    name: 'csvjobs_rejects_total',
    help: 'Rejected records of completed jobs, by reason; counted when the job ends; without dry runs.',
    labelNames: ['code'],
    registers,
  });
  const webhooks = new Counter({
    name: 'csvjobs_webhook_deliveries_total',
    help: 'Attempts to deliver a webhook, by result: delivered, retry, failed (no more attempts).',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of ['delivered', 'retry', 'failed']) webhooks.inc({ outcome }, 0);
  // Series of other tables appear once something was loaded into them.
  for (const outcome of ['loaded', 'rejected']) rows.inc({ outcome, table: CUSTOMERS }, 0);
  for (const code of REJECTION_CODES) rejects.inc({ code }, 0);
  for (const status of ['completed', 'failed']) jobsEnded.inc({ status }, 0);
  return {
    requests,
    requestSeconds,
    uploadSeconds,
    uploadBytes,
    pieceBytes,
    rows,
    bytes,
    batchSeconds,
    jobsEnded,
    jobSeconds,
    rejects,
    webhooks,
  };
}
