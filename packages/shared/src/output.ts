/**
 * What the command line prints with --json, by command (`list --watch` is list-watch). Scripts rely on these schemas.
 */
import { z } from 'zod';
import { earlierJobSchema, readinessSchema } from './api.js';
import { boardEventSchema } from './board.js';
import { jobReadingSchema } from './fileReading.js';
import { jobSchema, sourceSchema } from './job.js';
import { mappedSchema } from './mapping.js';
import { previewSchema } from './preview.js';
import { progressSchema } from './progress.js';
import { rejectionSchema } from './rejection.js';
import { sniffedSchema } from './sniff.js';
import { proposalSchema } from './target/proposal.js';
import { tableDescriptionSchema, tableListSchema } from './target/tableList.js';
import { createdTokenSchema, tokenListSchema } from './token.js';
import { undoResultSchema } from './undo.js';
import { redeliveredSchema, webhookDeliverySchema, webhooksSchema } from './webhook.js';

const exitCode = z.int().nonnegative();
const counts = {
  totalRows: z.int().nonnegative(),
  successCount: z.int().nonnegative(),
  failedCount: z.int().nonnegative(),
};

/** The content of an error: printed to stderr as `{ error }`, and part of the results of several files. */
const error = z.object({
  code: z.string().describe('stable: scripts can rely on it'),
  message: z.string().describe('what happened'),
  why: z.string().optional(),
  next: z.string().optional().describe('what to do'),
  exitCode,
  file: z.string().optional().describe('the file, if there are several'),
});

const jobId = z.uuid();
const storedSetting = z.object({
  name: z.string(),
  value: z.string().nullable(),
  profile: z.string().nullable(),
  file: z.string(),
});
const reconnecting = z.object({ type: z.literal('reconnecting'), jobId, reason: z.string() });
const connected = z.object({ type: z.literal('connected'), jobId });

const watchLine = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('uploading'),
    file: z.string(),
    sentBytes: z.int().nonnegative(),
    totalBytes: z.int().nonnegative().nullable().describe('null if it is unknown: stdin'),
  }),
  z.object({ type: z.literal('retrying'), file: z.string(), reason: z.string() }),
  z.object({
    type: z.literal('continuing'),
    file: z.string(),
    sentBytes: z.int().nonnegative().describe('number of bytes that the daemon has from an earlier run'),
    totalBytes: z.int().nonnegative().nullable(),
  }),
  z.object({ type: z.literal('uploaded'), file: z.string(), jobId, earlier: earlierJobSchema.nullable() }),
  jobReadingSchema.extend({ type: z.literal('reading') }),
  progressSchema.extend({ type: z.literal('progress') }),
  reconnecting,
  connected,
  z.object({ type: z.literal('done'), jobId, exitCode, job: jobSchema }),
  z.object({ type: z.literal('error'), file: z.string(), jobId: jobId.optional(), error }),
]);

const checkLine = z.discriminatedUnion('type', [
  rejectionSchema.extend({ type: z.literal('rejected'), file: z.string() }),
  z.object({
    type: z.literal('checked'),
    file: z.string(),
    table: z.string().nullable().describe('the table that the file was checked for; null for customers'),
    ...counts,
    source: sourceSchema,
    notices: z.array(z.string()),
    notJudged: z.array(z.string()).describe('what only the database can judge'),
    exitCode,
  }),
  z.object({ type: z.literal('error'), file: z.string(), error }),
]);

const [boardJob, ...boardEvents] = boardEventSchema.options;
const boardLine = z.union([
  boardJob.extend({ jobId }),
  ...boardEvents,
  z.object({ type: z.literal('reconnecting'), reason: z.string() }),
  z.object({ type: z.literal('connected') }),
]);

export interface OutputSchema {
  about: string;
  schema: z.ZodType;
}

/** By name; `a line` in `about` means NDJSON. */
export const OUTPUT_SCHEMAS: Record<string, OutputSchema> = {
  list: { about: 'jobs, newest first', schema: z.array(jobSchema) },
  'list-watch': { about: 'a line of list --watch', schema: boardLine },
  show: { about: 'a job', schema: jobSchema },
  upload: {
    about: 'the result for each file',
    schema: z.object({
      uploads: z.array(
        z.object({
          file: z.string(),
          jobId: jobId.nullable(),
          earlier: earlierJobSchema
            .nullable()
            .describe(
              'the newest job with the same file and table; with --once, if it is completed, jobId is its ID',
            ),
          table: z
            .string()
            .nullable()
            .describe('the table named by --into, the spec or the project file; null if none is'),
          notices: z
            .array(z.string())
            .nullable()
            .describe('what you should know about the file; null until the daemon has read it'),
          error: error.nullable(),
        }),
      ),
      exitCode,
    }),
  },
  watch: { about: 'a line of watch and of upload --watch', schema: watchLine },
  check: { about: 'a line of check', schema: checkLine },
  preview: {
    about: 'the first records of a file as they would be stored',
    schema: previewSchema.extend({ file: z.string(), exitCode }),
  },
  sniff: {
    about: 'what csvjobs detects about a file',
    schema: sniffedSchema.extend({
      file: z.string(),
      options: z.array(z.string()).describe('equivalent options of upload and check'),
    }),
  },
  map: {
    about: 'which field of a file fills which column, and the equivalent spec',
    schema: z.object({
      file: z.string(),
      table: z.string(),
      // Not specSchema: JSON Schema cannot express its output.
      spec: z.looseObject({}).describe('a Data Package resource: what is printed without --json'),
      source: mappedSchema.shape.source,
      fields: mappedSchema.shape.fields,
      columns: mappedSchema.shape.columns.describe('under this spec'),
      guesses: z
        .array(z.object({ column: z.string(), field: z.string() }))
        .describe('mappings that a load makes only with this spec: review them'),
      faults: mappedSchema.shape.faults,
      missingRights: mappedSchema.shape.missingRights,
      notices: z.array(z.string()),
      exitCode,
    }),
  },
  'create-table': {
    about: 'a proposed table for a file',
    schema: proposalSchema.extend({
      created: z.string().nullable().describe('the table that was created; null without --apply'),
    }),
  },
  errors: { about: 'rejected rows; with --format ndjson each is a line', schema: z.array(rejectionSchema) },
  'errors-summary': {
    about: 'reasons of rejection, most frequent first',
    schema: z.object({
      total: z.int().nonnegative(),
      reasons: z.array(z.object({ message: z.string(), rows: z.int().positive() })),
    }),
  },
  cancel: { about: 'the job that was cancelled', schema: z.object({ jobId }) },
  accept: { about: 'the held job whose rows were committed', schema: z.object({ jobId, exitCode }) },
  discard: { about: 'the held job whose rows were rolled back', schema: z.object({ jobId }) },
  rows: {
    about: 'a line of rows --format ndjson: a row with the columns of its table',
    schema: z.looseObject({}),
  },
  undo: {
    about: 'what happened to the rows of a job, or with --dry-run would happen',
    schema: undoResultSchema,
  },
  load: { about: 'the job that loads the file of a dry run', schema: z.object({ jobId, dryRun: jobId }) },
  retry: { about: 'the job that is retried', schema: z.object({ jobId }) },
  delete: { about: 'the job that was deleted', schema: z.object({ jobId }) },
  'token-create': { about: 'a new token; it is shown once', schema: createdTokenSchema },
  'token-list': { about: 'tokens, newest first, without themselves', schema: tokenListSchema },
  'token-revoke': {
    about: 'the token that was revoked',
    schema: z.object({ id: z.string(), name: z.string() }),
  },
  'webhooks-list': { about: 'webhook endpoints, and the newest deliveries to them', schema: webhooksSchema },
  'webhooks-test': {
    about: 'the test that was sent to a webhook endpoint',
    schema: webhookDeliverySchema.extend({ exitCode }),
  },
  'webhooks-redeliver': { about: 'the webhooks that are redelivered', schema: redeliveredSchema },
  tables: { about: 'tables that may be loaded into, by schema and name', schema: tableListSchema },
  describe: {
    about: 'a table; with --spec its spec alone',
    schema: z.union([tableDescriptionSchema, tableDescriptionSchema.shape.spec]),
  },
  'config-list': {
    about: 'settings and their sources',
    schema: z.array(
      z.object({ name: z.string(), value: z.string(), origin: z.string(), source: z.string() }),
    ),
  },
  'config-get': {
    about: 'a setting and its source',
    schema: z.object({ name: z.string(), value: z.string(), origin: z.string(), source: z.string() }),
  },
  'config-set': { about: 'a setting that was stored', schema: storedSetting },
  'config-unset': { about: 'a setting that was removed: its value is null', schema: storedSetting },
  login: {
    about: 'the daemon whose address and token were stored',
    schema: z.object({ url: z.string(), profile: z.string().nullable(), file: z.string() }),
  },
  doctor: {
    about: 'the result of each check',
    schema: z.object({
      ok: z.boolean(),
      findings: z.array(
        z.object({ name: z.string(), ok: z.boolean(), message: z.string(), next: z.string().optional() }),
      ),
    }),
  },
  'daemon-start': {
    about: 'the daemon that runs',
    schema: z.object({ pid: z.int(), url: z.string(), log: z.string() }),
  },
  'daemon-restart': {
    about: 'the daemon that was started',
    schema: z.object({ pid: z.int(), url: z.string(), log: z.string() }),
  },
  'daemon-stop': {
    about: 'the daemon that was stopped',
    schema: z.object({ stopped: z.boolean(), url: z.string(), pid: z.int().optional() }),
  },
  'daemon-status': {
    about: 'whether a daemon responds',
    schema: z.object({
      url: z.string(),
      ready: z.boolean(),
      version: z.string().nullable(),
      pid: z.int().nullable(),
      log: z.string().nullable(),
      checks: readinessSchema.shape.checks,
      reason: z.string().nullable(),
    }),
  },
  error: { about: 'an error, on stderr', schema: z.object({ error }) },
};
