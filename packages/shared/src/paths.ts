/**
 * The HTTP interface: addresses and names. Without zod, and by itself at `@csvjobs/shared/paths`: a command line that
 * only asks for something is done before zod is loaded.
 */
export { shellWord } from './shellWord.js';

/** Whether a text is a UUID, as the ids of jobs and tokens are; in any case, of any version. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text);
}

/** The form field that carries the file of an upload. */
export const UPLOAD_FIELD = 'file';

/** The form field that carries the spec of an upload, as text or as a file: JSON or YAML. */
export const SPEC_FIELD = 'spec';

/** The table that jobs load into where nothing else is said. */
export const CUSTOMERS = 'customers';

/** How a report of rejected rows is written: the reference's CSV, or all that is known of each as JSON. */
export const REPORT_FORMATS = ['csv', 'json', 'ndjson'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A report with the rejected records as they are in the file, to be fixed and uploaded again (`?fixes=`). */
export const ORIGINAL = 'original';

/** How the rows that a job has loaded are written. */
export const ROW_FORMATS = ['csv', 'ndjson'] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];

/**
 * What stands in front of the columns of a row with `?marked=true`: the id of the job, and `loaded` where the row is as the job has left
 * it, `changed` where it was changed since.
 */
export const ROW_MARKS = ['csvjobs_job_id', 'csvjobs_state'] as const;

/** Header that says how many rows a job has loaded, beside those of them that are there as they were loaded. */
export const LOADED_ROWS_HEADER = 'csvjobs-loaded-rows';

/** Header that says which job a resumable upload has become. */
export const UPLOADED_JOB_HEADER = 'csvjobs-job';

/** What may become of a job, in about the order of its life. */
export const JOB_STATUSES = [
  'pending',
  'processing',
  'held',
  'completed',
  'failed',
  'cancelled',
  'undone',
] as const;

/** Jobs of a page when nothing is said, and at most. A page is bounded by its bytes too. */
export const PAGE_LIMIT = { default: 500, most: 1_000 } as const;

/** Tables of a page when nothing is said, and at most. */
export const TABLES_LIMIT = 1_000;

/** Records of a preview when nothing is said, and at most. */
export const PREVIEW_ROWS = { default: 20, most: 100 } as const;

/** The bytes of a file's beginning that a preview is made of, at most: no more of it is sent, however large it is. */
export const PREVIEW_BYTES = 1024 * 1024;

/** What a webhook may be sent for. */
export const WEBHOOK_EVENTS = [
  'job.completed',
  'job.failed',
  'job.cancelled',
  'job.held',
  'job.undone',
] as const;

/** What becomes of a webhook for one endpoint. */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Deliveries of an answer when nothing is said, and at most. */
export const DELIVERIES_LIMIT = { default: 50, most: 1_000 } as const;

/** Paths by what they do; `id` is a job's id. */
export const paths = {
  /** What this is: a page for browsers, JSON for programs. */
  front: '/',
  upload: '/api/jobs/upload',
  /** The first records of a file as they would be stored. */
  preview: '/api/preview',
  jobs: '/api/jobs',
  /** Uploads that can be continued (tus 1.0). */
  uploads: '/api/uploads',
  /** `id` is that of an upload; its job has the same, unless there was a job before. */
  resumableUpload: (id: string) => `/api/uploads/${id}`,
  /** The job that has a file already. */
  earlier: '/api/jobs/earlier',
  /** Progress of all jobs; see board.ts. */
  allStreams: '/api/jobs/stream',
  job: (id: string) => `/api/jobs/${id}`,
  stream: (id: string) => `/api/jobs/${id}/stream`,
  report: (id: string, format: ReportFormat | typeof ORIGINAL = 'csv') => `/api/jobs/${id}/errors.${format}`,
  cancel: (id: string) => `/api/jobs/${id}/cancel`,
  retry: (id: string) => `/api/jobs/${id}/retry`,
  /** Of a dry run: load its file. */
  load: (id: string) => `/api/jobs/${id}/load`,
  /** Of a held job: commit its rows, or roll them back. */
  accept: (id: string) => `/api/jobs/${id}/accept`,
  discard: (id: string) => `/api/jobs/${id}/discard`,
  undo: (id: string) => `/api/jobs/${id}/undo`,
  rows: (id: string, format: RowFormat = 'csv') => `/api/jobs/${id}/rows.${format}`,
  /** What may be loaded into. */
  tables: '/api/tables',
  /** `name` as it stands in a path: URL-encoded. */
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

/** What a daemon logs when it makes its private database; `daemon start` looks for it. */
export const FIRST_START = 'setting up the private database: this is the first start with this data folder';

/** Header that says which version of the daemon answers. */
export const VERSION_HEADER = 'csvjobs-version';
