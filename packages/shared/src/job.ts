/** A job: one uploaded file on its way into the database, and the states it may pass through. */
import { z } from 'zod';
import { chainSchema } from './chain.js';
import { fileDialectSchema } from './dialect.js';
import { fileReadingSchema } from './fileReading.js';
import { FIRST_ROWS, heldSchema, shownRowSchema } from './held.js';
import { loadModeSchema, modeCountsSchema } from './loadMode.js';
import { CUSTOMERS, JOB_STATUSES } from './paths.js';
import { reasonCountSchema, rejectionPreviewSchema } from './rejection.js';
import { undoneSchema } from './undo.js';

/**
 * `pending` (uploaded, waiting) → `processing` (rows are being loaded) → `completed`. A job with --hold is `held`
 * before it is completed: all its rows are loaded, but not yet visible to others. A pending, processing or held job can
 * become `failed` (it cannot continue without a person) or `cancelled` (a person asked for it). Both can be retried:
 * back to `pending`, from the checkpoint. A job that has ended can be `undone` (its rows are removed again); a retry of
 * an undone job starts from scratch.
 */
export const jobStatusSchema = z.enum(JOB_STATUSES);
export type JobStatus = z.infer<typeof jobStatusSchema>;

/** Whether a status is final: no event follows it (unless the job is retried or undone). */
export function isFinal(status: JobStatus): boolean {
  return status !== 'pending' && status !== 'processing' && status !== 'held';
}

/** Number of rejects that a job includes as a preview; the whole report is at /errors.csv. */
export const PREVIEW_LIMIT = 100;

/** How the file's bytes were read. Null until the survey. */
export const sourceSchema = z.object({
  encoding: z.string().describe('utf-8, utf-16le, utf-16be, windows-1252 or iso-8859-1'),
  delimiter: z.string().min(1).describe('what stands between two fields'),
  compression: z.enum(['none', 'gzip', 'zstd']),
  fields: z
    .int()
    .positive()
    .optional()
    .describe(
      'how many fields each record has: those of the header, and empty ones behind them that all records have; older daemons do not say',
    ),
  lineEnd: z
    .enum(['lf', 'crlf', 'cr'])
    .optional()
    .describe('the line end of the records; missing where there is none'),
  strayLineEnds: z
    .literal(true)
    .optional()
    .describe(
      'other line ends are there, none of them over a long stretch: a record beside one is loaded only if the record on the other side is sound',
    ),
  headerLine: z
    .int()
    .positive()
    .optional()
    .describe('the line of the header, where lines above it were left out'),
  footerLine: z.int().positive().optional().describe('the first line behind the records that was left out'),
  doubtfulLine: z
    .int()
    .positive()
    .optional()
    .describe(
      'the first of the lines that were named as the footer, but read like records: these are rejected',
    ),
  ruleLine: z
    .literal(true)
    .optional()
    .describe(
      'the first record is left out: a line of dashes under the header, or sep=; in a file without one',
    ),
  shortRecords: z
    .literal(true)
    .optional()
    .describe(
      'records that lack optional fields at their end are loaded, where they cannot be a part of another',
    ),
  dialect: fileDialectSchema.optional().describe('how the file is read, as far as a person has said it'),
});
export type Source = z.infer<typeof sourceSchema>;

/** Location of a job's file that was named instead of uploaded. */
const originSchema = z.object({
  address: z.string().describe('s3://bucket/key'),
  etag: z.string().describe('the version of the object; another one is not loaded'),
  size: z.int().nonnegative(),
});

export const jobSchema = z.object({
  id: z.uuid(),
  filename: z.string().describe('the name the client gave; data, never a path'),
  table: z
    .string()
    .optional()
    .describe(
      'the table that it loads into, in double quotes where its name needs them: sales.orders; older daemons do not say, theirs is customers',
    ),
  status: jobStatusSchema,
  totalRows: z.int().nonnegative().describe('records in the file; known from the first processing event on'),
  processedRows: z.int().nonnegative(),
  successCount: z.int().nonnegative(),
  failedCount: z.int().nonnegative(),
  counts: modeCountsSchema
    .optional()
    .describe('where rows may be updated or skipped: what became of those that were not rejected'),
  reading: fileReadingSchema
    .optional()
    .describe('of a pending job whose file is being read before the first row is loaded; else missing'),
  errors: z
    .array(rejectionPreviewSchema)
    .describe(`the first ${PREVIEW_LIMIT} rejected rows of a single job; always empty in a list of jobs`),
  reasons: z
    .array(reasonCountSchema)
    .optional()
    .describe(
      'all rejected rows by reason, the most frequent first; missing where an older daemon has rejected some',
    ),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  completedAt: z.iso.datetime().nullable(),
  sizeBytes: z.int().nonnegative(),
  sha256: z
    .string()
    .length(64)
    .describe(
      'of the file; with origin it is no hash of the content, which was not read, but of address, ETag and size',
    ),
  attempt: z.int().nonnegative().describe('how often a worker has taken the job'),
  source: sourceSchema.nullable(),
  notices: z.array(z.string()).describe('what the reader of the file should know: ignored columns, encoding'),
  timings: z
    .object({
      queuedMs: z.int().nonnegative().describe('waiting for a worker'),
      readingMs: z.int().nonnegative().describe('surveying the file before the first row is loaded'),
      loadingMs: z.int().nonnegative().describe('loading rows'),
    })
    .optional()
    .describe('where its time went, in milliseconds, over all attempts; older daemons do not say'),
  failure: z
    .object({ code: z.string(), message: z.string() })
    .nullable()
    .describe('why the job failed, or why it waits for its next try'),
  mode: loadModeSchema.optional().describe('how its rows go in; missing where that is the default'),
  held: heldSchema
    .optional()
    .describe(
      'of a job that is or was held: until when, first rows, and who has answered; missing otherwise',
    ),
  removedRows: z
    .array(shownRowSchema)
    .optional()
    .describe(
      `of a replacement: some of the rows that it has removed, or would (a dry run, a held job), ${FIRST_ROWS} at most; in a single job; missing where there are none`,
    ),
  undone: undoneSchema
    .optional()
    .describe('who has undone it, when, and what became of its rows; missing where nobody has'),
  origin: originSchema.optional().describe('the object that it loads; missing where a file was uploaded'),
  parent: z
    .uuid()
    .optional()
    .describe('the job whose rejected records the file of this one has, fixed; missing where there is none'),
  dryRunId: z
    .uuid()
    .optional()
    .describe('the dry run whose file this job loads, with the same spec; missing where there is none'),
  chain: chainSchema
    .optional()
    .describe(
      'what became of all records, where rejected ones were fixed and uploaded again; in a single job',
    ),
  spec: z
    .looseObject({})
    .optional()
    .describe('how values are read: the spec of the upload, in a single job; missing where there was none'),
  overrides: z
    .looseObject({})
    .optional()
    .describe('what the upload said of encoding and dialect, in a single job; older daemons do not say'),
});
export type Job = z.infer<typeof jobSchema>;

/** A job as lists show it. The rejects of a thousand jobs would be megabytes, and everything else half a megabyte. */
export const jobSummarySchema = jobSchema.pick({
  id: true,
  filename: true,
  table: true,
  status: true,
  totalRows: true,
  processedRows: true,
  successCount: true,
  failedCount: true,
  counts: true,
  reading: true,
  mode: true,
  createdAt: true,
  startedAt: true,
  completedAt: true,
});
export type JobSummary = z.infer<typeof jobSummarySchema>;

/** The table of a job, including a job from an older daemon that does not send it. */
export function tableOfJob({ table }: Pick<Job, 'table'>): string {
  return table ?? CUSTOMERS;
}
