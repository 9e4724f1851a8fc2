/** A job: one uploaded file on its way into the database, and the states it may pass through. */
import { z } from 'zod';
import { chainSchema } from './chain.js';
import { fileDialectSchema } from './dialect.js';
import { fileReadingSchema } from './fileReading.js';
import { FIRST_ROWS, heldSchema, shownRowSchema } from './held.js';
import { loadModeSchema, modeCountsSchema } from './loadMode.js';
import { JOB_STATUSES } from './paths.js';
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

/** Number of rejects that a job includes as a preview; the whole report is at /errors.csv. */
export const PREVIEW_LIMIT = 100;

/** How the file's bytes were read. Null until the survey. */
export const sourceSchema = z.object({
  encoding: z.string().describe('utf-8, utf-16le, utf-16be, windows-1252 or iso-8859-1'),
  delimiter: z.string().min(1).describe('the field delimiter'),
  compression: z.enum(['none', 'gzip', 'zstd']),
  fields: z
    .int()
    .positive()
    .optional()
    .describe(
      'number of fields of each record: those of the header, and empty ones after them that all records have; missing from older daemons',
    ),
  lineEnd: z
    .enum(['lf', 'crlf', 'cr'])
    .optional()
    .describe('the line end of the records; missing if there is none'),
  strayLineEnds: z
    .literal(true)
    .optional()
    .describe(
      'the file has other line ends, but no long stretch of them: a record next to one is loaded only if the record on its other side is valid',
    ),
  headerLine: z
    .int()
    .positive()
    .optional()
    .describe('the line of the header, if lines above it were skipped'),
  footerLine: z.int().positive().optional().describe('the first line after the records that was skipped'),
  doubtfulLine: z
    .int()
    .positive()
    .optional()
    .describe(
      'the first of the lines that were declared as the footer, but look like records: these are rejected',
    ),
  ruleLine: z
    .literal(true)
    .optional()
    .describe(
      'the first record is skipped: a line of dashes below the header, or sep= in a file without a header',
    ),
  shortRecords: z
    .literal(true)
    .optional()
    .describe(
      'records that lack optional fields at their end are loaded if they cannot be part of another record',
    ),
  dialect: fileDialectSchema
    .optional()
    .describe('how the file is read, as far as the upload or the spec defines it'),
});
export type Source = z.infer<typeof sourceSchema>;

/** Location of a job's file that was named instead of uploaded. */
const originSchema = z.object({
  address: z.string().describe('s3://bucket/key'),
  etag: z.string().describe('the version of the object; no other is loaded'),
  size: z.int().nonnegative(),
});

export const jobSchema = z.object({
  id: z.uuid(),
  filename: z.string().describe('the name the client gave; data, never a path'),
  table: z
    .string()
    .optional()
    .describe(
      'the table that it loads into, in double quotes if its name needs them: sales.orders; missing from older daemons, which load into customers',
    ),
  status: jobStatusSchema,
  totalRows: z
    .int()
    .nonnegative()
    .describe('number of records in the file; known from the first processing event'),
  processedRows: z.int().nonnegative(),
  successCount: z.int().nonnegative(),
  failedCount: z.int().nonnegative(),
  counts: modeCountsSchema
    .optional()
    .describe('if rows may be updated or skipped: the outcome of those that were not rejected'),
  reading: fileReadingSchema
    .optional()
    .describe('for a pending job whose file is being read before the first row is loaded; otherwise missing'),
  errors: z
    .array(rejectionPreviewSchema)
    .describe(`the first ${PREVIEW_LIMIT} rejected rows of a single job; always empty in a list of jobs`),
  reasons: z
    .array(reasonCountSchema)
    .optional()
    .describe('all rejected rows by reason, most frequent first; missing if an older daemon rejected some'),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  completedAt: z.iso.datetime().nullable(),
  sizeBytes: z.int().nonnegative(),
  sha256: z
    .string()
    .length(64)
    .describe(
      'of the file; with origin, a hash of address, ETag and size instead of the content, which was not read',
    ),
  attempt: z.int().nonnegative().describe('number of times that a worker has started the job'),
  source: sourceSchema.nullable(),
  notices: z.array(z.string()).describe('what you should know about the file: ignored columns, encoding'),
  timings: z
    .object({
      queuedMs: z.int().nonnegative().describe('waiting for a worker'),
      readingMs: z.int().nonnegative().describe('surveying the file before the first row is loaded'),
      loadingMs: z.int().nonnegative().describe('loading rows'),
    })
    .optional()
    .describe(
      'time spent in each phase, in milliseconds, over all attempts (since the retry, if the job was undone before); missing from older daemons',
    ),
  failure: z
    .object({ code: z.string(), message: z.string() })
    .nullable()
    .describe('why the job failed, or why it waits for its next attempt'),
  mode: loadModeSchema.optional().describe('how its rows are loaded; missing for the default'),
  held: heldSchema
    .optional()
    .describe('for a job that is or was held: time limit, first rows, and who answered; otherwise missing'),
  removedRows: z
    .array(shownRowSchema)
    .optional()
    .describe(
      `for a replacement: some of the rows that it removed or would remove (dry run, held job), ${FIRST_ROWS} at most; in a single job; missing if there are none`,
    ),
  undone: undoneSchema
    .optional()
    .describe('who undid it, when, and what happened to its rows; missing if no one did'),
  origin: originSchema.optional().describe('the object that it loads; missing for an uploaded file'),
  parent: z
    .uuid()
    .optional()
    .describe("the job whose rejected records this job's file fixes; missing if there is none"),
  dryRunId: z
    .uuid()
    .optional()
    .describe('the dry run whose file this job loads, with the same spec; missing if there is none'),
  chain: chainSchema
    .optional()
    .describe('the outcome of all records, if rejected ones were fixed and uploaded again; in a single job'),
  spec: z
    .looseObject({})
    .optional()
    .describe('how values are read: the spec of the upload, in a single job; missing if there was none'),
  overrides: z
    .looseObject({})
    .optional()
    .describe('encoding and dialect that the upload requested, in a single job; missing from older daemons'),
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
