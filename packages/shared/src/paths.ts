/**
 * Addresses and names of the HTTP API. Does not use zod and is exported separately as `@csvjobs/shared/paths`, so that
 * a command that only makes a request finishes before zod would be loaded.
 */
export { shellWord } from './shellWord.js';

/** Whether a text is a UUID, as the IDs of jobs and tokens are: in upper or lower case, of any version. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text);
}

/** The form field that carries the file of an upload. */
export const UPLOAD_FIELD = 'file';

/** The form field that carries the spec of an upload, as text or as a file: JSON or YAML. */
export const SPEC_FIELD = 'spec';

/** The table that jobs load into by default. */
export const CUSTOMERS = 'customers';

/** Formats of a report of rejected rows: the reference's CSV, or everything known about each row as JSON. */
export const REPORT_FORMATS = ['csv', 'json', 'ndjson'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A report with the rejected records exactly as in the file, to be fixed and uploaded again (`?fixes=`). */
export const ORIGINAL = 'original';

/** Formats of the rows that a job loaded. */
export const ROW_FORMATS = ['csv', 'ndjson'] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];

/**
 * Columns put before those of a row with `?marked=true`: the job's ID, and `loaded` if the row is as the job left it or
 * `changed` if it was changed since.
 */
export const ROW_MARKS = ['csvjobs_job_id', 'csvjobs_state'] as const;

/** Header with the number of rows that a job loaded, including those that are no longer as they were loaded. */
export const LOADED_ROWS_HEADER = 'csvjobs-loaded-rows';

/** Header with the ID of the job that a resumable upload became. */
export const UPLOADED_JOB_HEADER = 'csvjobs-job';

/** States of a job, roughly in the order of its life. */
export const JOB_STATUSES = [
  'pending',
  'processing',
  'held',
  'completed',
  'failed',
  'cancelled',
  'undone',
] as const;

/** Jobs per page: the default and the maximum. The size of a page in bytes is limited too. */
export const PAGE_LIMIT = { default: 500, most: 1_000 } as const;

/** Tables per page: both the default and the maximum. */
export const TABLES_LIMIT = 1_000;

/** Records of a preview: the default and the maximum. */
export const PREVIEW_ROWS = { default: 20, most: 100 } as const;

/**
 * Maximum number of bytes that a preview reads from the start of a file. The client sends no more, however large the
 * file is.
 */
export const PREVIEW_BYTES = 1024 * 1024;

/** Events that a webhook can be sent for. */
export const WEBHOOK_EVENTS = [
  'job.completed',
  'job.failed',
  'job.cancelled',
  'job.held',
  'job.undone',
] as const;

/** States of a delivery to one endpoint. */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Deliveries per answer: the default and the maximum. */
export const DELIVERIES_LIMIT = { default: 50, most: 1_000 } as const;

/** Paths by purpose; `id` is a job's ID. */
export const paths = {
  /** Front page: HTML for browsers, JSON for programs. */
  front: '/',
  upload: '/api/jobs/upload',
  /** The first records of a file as they would be stored. */
  preview: '/api/preview',
  jobs: '/api/jobs',
  /** Resumable uploads (tus 1.0). */
  uploads: '/api/uploads',
  /** `id` is the upload's ID. Its job has the same ID, unless an earlier job exists. */
  resumableUpload: (id: string) => `/api/uploads/${id}`,
  /** The earlier job with the same file. */
  earlier: '/api/jobs/earlier',
  /** Progress of all jobs; see board.ts. */
  allStreams: '/api/jobs/stream',
  job: (id: string) => `/api/jobs/${id}`,
  stream: (id: string) => `/api/jobs/${id}/stream`,
  report: (id: string, format: ReportFormat | typeof ORIGINAL = 'csv') => `/api/jobs/${id}/errors.${format}`,
  cancel: (id: string) => `/api/jobs/${id}/cancel`,
  retry: (id: string) => `/api/jobs/${id}/retry`,
  /** Loads the file of a dry run. */
  load: (id: string) => `/api/jobs/${id}/load`,
  /** Commits or rolls back the rows of a held job. */
  accept: (id: string) => `/api/jobs/${id}/accept`,
  discard: (id: string) => `/api/jobs/${id}/discard`,
  undo: (id: string) => `/api/jobs/${id}/undo`,
  rows: (id: string, format: RowFormat = 'csv') => `/api/jobs/${id}/rows.${format}`,
  /** Tables that jobs may load into. */
  tables: '/api/tables',
  /** `name` is URL-encoded. */
  table: (name: string) => `/api/tables/${name}`,
  tokens: '/api/tokens',
  token: (id: string) => `/api/tokens/${id}`,
  /** Endpoints and deliveries. */
  webhooks: '/api/webhooks',
  webhookTest: '/api/webhooks/test',
  webhookRedeliver: '/api/webhooks/redeliver',
  description: '/api/openapi.json',
  metrics: '/metrics',
  alive: '/healthz',
  ready: '/readyz',
} as const;

/** Log message of a daemon that creates its private database; `daemon start` looks for it. */
export const FIRST_START = 'setting up the private database: this is the first start with this data folder';

/** Log message of a daemon whose private database was killed, as by a power cut; `daemon start` looks for it. */
export const RECOVERY =
  'the private database was not shut down, so it recovers from its log first; that may take a while';

/** Header with the daemon's version. */
export const VERSION_HEADER = 'csvjobs-version';
