/** Jobs: upload, list, show, delete, cancel, retry. */
import {
  earlierSchema,
  jobsQuerySchema,
  PREVIEW_BYTES,
  PREVIEW_ROWS,
  paths,
  previewSchema,
  SPEC_FIELD,
  UPLOAD_FIELD,
  undoResultSchema,
  uploadedSchema,
} from '@csvjobs/shared';
import { z } from 'zod';
import { type Call, Job, JobSummary, jobParams, json, location, tagged, unchanged } from './call.js';

const encoding = z.string().optional().describe('the encoding of the file; detected by default');
const delimiter = z
  .string()
  .optional()
  .describe('the field delimiter: one character or several, or a word: tab, comma, semicolon, pipe, space');
const into = z
  .string()
  .optional()
  .describe(
    'the table: sales.orders, in double quotes if its name needs them; by default csvjobs.into of the spec, or else customers',
  );
const spec = z
  .string()
  .optional()
  .describe(
    'how values are read: a Data Package resource as JSON or YAML, at most 256 KiB, as text or as a file',
  );

/** Reasons for which an uploaded file may be refused. */
export const OF_A_FILE = [
  'not_multipart',
  'file_field_missing',
  'field_name_wrong',
  'several_files',
  'upload_truncated',
  'file_empty',
  'file_not_text',
  'encoding_unknown',
  'encoding_conflict',
  'encoding_undetermined',
  'strict',
  'gzip_damaged',
  'file_invalid',
  'header_invalid',
  'spec_invalid',
  'spec_mismatch',
  'key_unusable',
  'table_name_invalid',
  'table_not_found',
  'table_ambiguous',
  'table_not_allowed',
  'table_no_rights',
  'table_takes_no_rows',
  'file_too_large',
  'decompressed_too_large',
  'disk_full',
  'upload_too_slow',
  'too_many_uploads',
] as const;

export const JOB_CALLS: readonly Call[] = [
  {
    operationId: 'uploadFile',
    method: 'post',
    path: paths.upload,
    summary: 'Upload a CSV file as a job',
    scope: 'write',
    request: {
      query: z.object({
        encoding,
        delimiter,
        into,
        once: z
          .enum(['true', 'false'])
          .optional()
          .describe(
            'true: load a file (identified by its bytes) into a table only once. If a completed job has it, the answer is 200 with that ID; if a job with it is unfinished, or ended early with rows loaded, it is same_file. Simultaneous uploads become one job. Deleted jobs, and jobs that failed or were cancelled before their first row, do not count',
          ),
        source: z
          .string()
          .optional()
          .describe(
            'instead of a file, the address of an object, s3://bucket/key, which the workers read in place: the body is then the spec, or empty. Only buckets in SOURCE_BUCKETS are allowed; the job loads the current version or nothing',
          ),
        fixes: z
          .uuid()
          .optional()
          .describe(
            'the job whose rejected records this file fixes: its table, spec and delimiter are the defaults, and the columns of its report are ignored',
          ),
      }),
      headers: z.object({
        'Idempotency-Key': z
          .string()
          .optional()
          .describe('the same key with the same file returns the same job'),
      }),
      body: {
        required: true,
        content: {
          'multipart/form-data': {
            schema: z.object({
              [SPEC_FIELD]: spec,
              [UPLOAD_FIELD]: z
                .string()
                .describe(
                  'the file; in its name %22, %0D and %0A stand for ", CR and LF, as browsers send them',
                )
                .meta({ type: 'string', contentMediaType: 'application/octet-stream' }),
            }),
          },
        },
      },
    },
    answers: {
      202: { description: 'Accepted: the job is waiting.', content: json(uploadedSchema), headers: location },
      200: {
        description:
          'Nothing is loaded: once=true, and `earlier` is the completed job that has already loaded the file.',
        content: json(uploadedSchema),
        headers: location,
      },
    },
    problems: [
      ...OF_A_FILE,
      'idempotency_conflict',
      'same_file',
      'source_not_allowed',
      'source_missing',
      'source_changed',
      'job_not_found',
      'job_state_conflict',
      'nothing_to_fix',
      'originals_not_kept',
      'queue_full',
      'too_many_held',
    ],
  },
  {
    operationId: 'previewFile',
    method: 'post',
    path: paths.preview,
    summary:
      'Preview the first records of a file as they would be stored: they are loaded in a transaction that is rolled back, without a job',
    scope: 'write',
    request: {
      query: z.object({
        encoding,
        delimiter,
        into,
        rows: z.coerce
          .number()
          .int()
          .min(1)
          .max(PREVIEW_ROWS.most)
          .optional()
          .describe(`number of records; default ${PREVIEW_ROWS.default}`),
        cut: z
          .enum(['true', 'false'])
          .optional()
          .describe('true: only the beginning of the file is sent; its last record may be incomplete'),
        size: z.coerce.number().int().optional().describe('with cut=true: size of the whole file in bytes'),
      }),
      body: {
        required: true,
        content: {
          'multipart/form-data': {
            schema: z.object({
              [SPEC_FIELD]: spec,
              [UPLOAD_FIELD]: z
                .string()
                .describe(`the file, or its beginning: at most ${PREVIEW_BYTES} bytes`)
                .meta({ type: 'string', contentMediaType: 'application/octet-stream' }),
            }),
          },
        },
      },
    },
    answers: {
      200: {
        description:
          'The records. Nothing is kept, except sequence numbers that were used, and effects of triggers outside of the transaction.',
        content: json(
          previewSchema.meta({
            id: 'Preview',
            description: 'The first records of a file as they would be stored.',
          }),
        ),
      },
    },
    problems: [...OF_A_FILE, 'target_changed', 'rows_locked'],
  },
  {
    operationId: 'findEarlierJob',
    method: 'get',
    path: paths.earlier,
    summary: 'Find out whether a file was already loaded: the newest job that has loaded it, or still may',
    scope: 'read',
    request: {
      query: z.object({
        sha256: z.string().describe('SHA-256 of the file as it would be sent: 64 hexadecimal digits'),
        into: z.string().optional().describe('the table, as in an upload; default customers'),
      }),
    },
    answers: {
      200: { description: 'That job, or null.', content: json(earlierSchema) },
    },
    problems: [
      'table_name_invalid',
      'table_not_found',
      'table_ambiguous',
      'table_not_allowed',
      'table_no_rights',
      'table_takes_no_rows',
    ],
  },
  {
    operationId: 'listJobs',
    method: 'get',
    path: paths.jobs,
    summary: 'List jobs, newest first',
    scope: 'read',
    request: { query: jobsQuerySchema },
    answers: {
      200: {
        description:
          'A page of jobs, or of summaries if requested. `errors` is empty in a list: GET /api/jobs/{id} has the first 100. A page has at most 2 MiB, so it may have fewer jobs than `limit`: the header Link says whether more follow.',
        content: json(z.array(Job).or(z.array(JobSummary))),
        headers: z.object({ Link: z.string().optional().describe('RFC 8288: the next page, as rel="next"') }),
      },
    },
  },
  {
    operationId: 'getJob',
    method: 'get',
    path: paths.job(':id'),
    summary: 'Get a job',
    scope: 'read',
    request: { params: jobParams },
    answers: { 200: { description: 'The job.', content: json(Job), headers: tagged }, 304: unchanged },
    problems: ['job_not_found'],
  },
  {
    operationId: 'deleteJob',
    method: 'delete',
    path: paths.job(':id'),
    summary: 'Delete a job that has ended, with its report and file; loaded rows stay',
    scope: 'admin',
    request: { params: jobParams },
    answers: { 204: { description: 'Deleted.' } },
    problems: ['job_not_found', 'job_state_conflict'],
  },
  {
    operationId: 'cancelJob',
    method: 'post',
    path: paths.cancel(':id'),
    summary: 'Cancel a job; loaded rows stay. A held job is discarded',
    scope: 'write',
    request: { params: jobParams },
    answers: { 200: { description: 'The current state of the job.', content: json(Job) } },
    problems: ['job_not_found', 'job_state_conflict'],
  },
  {
    operationId: 'retryJob',
    method: 'post',
    path: paths.retry(':id'),
    summary:
      'Retry a failed or cancelled job: it resumes where it stopped. An undone job starts from the beginning',
    scope: 'write',
    request: { params: jobParams },
    answers: { 202: { description: 'The current state of the job.', content: json(Job), headers: location } },
    problems: [
      'job_not_found',
      'job_state_conflict',
      'file_gone',
      'source_not_allowed',
      'source_missing',
      'source_changed',
      'table_not_allowed',
      'queue_full',
      'too_many_held',
    ],
  },
  {
    operationId: 'loadDryRun',
    method: 'post',
    path: paths.load(':id'),
    summary: 'Load the file of a completed dry run as a new job; repeated requests return the same job',
    scope: 'write',
    request: { params: jobParams },
    answers: {
      202: { description: 'The job that loads it.', content: json(uploadedSchema), headers: location },
    },
    problems: [
      'job_not_found',
      'job_state_conflict',
      'source_not_allowed',
      'source_missing',
      'source_changed',
      'file_gone',
      'disk_full',
      'target_changed',
      'table_not_found',
      'table_not_allowed',
      'table_no_rights',
      'table_takes_no_rows',
      'queue_full',
    ],
  },
  {
    operationId: 'acceptJob',
    method: 'post',
    path: paths.accept(':id'),
    summary: 'Accept a held job: commit its rows',
    scope: 'write',
    request: { params: jobParams },
    answers: {
      200: { description: 'The completed job.', content: json(Job) },
      202: { description: 'The job: it is accepted, but its commit takes longer.', content: json(Job) },
    },
    problems: ['job_not_found', 'job_state_conflict', 'table_not_allowed'],
  },
  {
    operationId: 'discardJob',
    method: 'post',
    path: paths.discard(':id'),
    summary: 'Discard a held job: roll back its rows',
    scope: 'write',
    request: { params: jobParams },
    answers: { 200: { description: 'The current state of the job.', content: json(Job) } },
    problems: ['job_not_found', 'job_state_conflict', 'table_not_allowed'],
  },
  {
    operationId: 'undoJob',
    method: 'post',
    path: paths.undo(':id'),
    summary:
      'Undo a job that has ended: remove the rows it inserted and restore those it updated, except rows that were changed or referenced since',
    scope: 'write',
    request: {
      params: jobParams,
      query: z.object({
        dryRun: z
          .enum(['true', 'false'])
          .optional()
          .describe('true: perform the undo and roll it back, for its counts'),
      }),
    },
    answers: {
      200: {
        description: 'What happened to the rows, or would happen.',
        content: json(
          undoResultSchema.meta({
            id: 'UndoResult',
            description: 'What happened to the rows of an undone job.',
          }),
        ),
      },
    },
    problems: [
      'job_not_found',
      'job_state_conflict',
      'nothing_to_undo',
      'undo_not_kept',
      'undo_impossible',
      'undo_refused',
      'table_not_allowed',
    ],
  },
];
