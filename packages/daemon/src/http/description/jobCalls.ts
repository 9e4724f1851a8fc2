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

const encoding = z.string().optional().describe('the encoding of the file, where it is not to be guessed');
const delimiter = z
  .string()
  .optional()
  .describe('the field delimiter: one character or several, or a word: tab, comma, semicolon, pipe, space');
const into = z
  .string()
  .optional()
  .describe(
    'the table: sales.orders, in double quotes where its name needs them; without it csvjobs.into of the spec, else customers',
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
    summary: 'Upload a CSV file; it becomes a job',
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
            'true: load a file (by its bytes) into a table once. With a completed job that has it, 200 and its ID; with one that is unfinished, or ended early with rows loaded, same_file. Uploads at the same time become one job. Jobs that failed or were cancelled before their first row, and deleted ones, do not count',
          ),
        source: z
          .string()
          .optional()
          .describe(
            'the address of an object, s3://bucket/key, that the workers read where it is, in place of a file: the body is then the spec, or empty. Only from buckets in SOURCE_BUCKETS; the version that it has now is loaded, or none',
          ),
        fixes: z
          .uuid()
          .optional()
          .describe(
            'the job whose rejected records the file has, fixed: its table, spec and delimiter are taken over where nothing else is said, and columns of its report are left out',
          ),
      }),
      headers: z.object({
        'Idempotency-Key': z.string().optional().describe('the same key and file give the same job'),
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
      202: { description: 'Taken: the job is waiting.', content: json(uploadedSchema), headers: location },
      200: {
        description:
          'Nothing is loaded: with once=true, and `earlier` is the completed job that has loaded the file before.',
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
      'The first records of a file as they would be stored: they are loaded in a transaction that is rolled back. No job is made',
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
          .describe(`how many records; ${PREVIEW_ROWS.default} by default`),
        cut: z
          .enum(['true', 'false'])
          .optional()
          .describe(
            'true: what is sent is only the beginning of the file; the record at its end may be half',
          ),
        size: z.coerce.number().int().optional().describe('with cut=true: how many bytes the whole file has'),
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
          'The records. Nothing of them stays, but for what a sequence has given away, and what a trigger does outside of its transaction.',
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
    summary: 'Whether a file is in its table already: the newest job that has loaded it, or may yet',
    scope: 'read',
    request: {
      query: z.object({
        sha256: z.string().describe('the SHA-256 of the file as it would be sent: 64 hexadecimal digits'),
        into: z.string().optional().describe('the table, as of an upload; without it customers'),
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
          'A page; of summaries where these are asked for. `errors` of a Job is empty in a list: GET /api/jobs/{id} has the first 100. A page has at most 2 MiB, and then fewer jobs than `limit`: the header Link says whether more follow.',
        content: json(z.array(Job).or(z.array(JobSummary))),
        headers: z.object({ Link: z.string().optional().describe('RFC 8288: the next page, as rel="next"') }),
      },
    },
  },
  {
    operationId: 'getJob',
    method: 'get',
    path: paths.job(':id'),
    summary: 'Look at a job',
    scope: 'read',
    request: { params: jobParams },
    answers: { 200: { description: 'The job.', content: json(Job), headers: tagged }, 304: unchanged },
    problems: ['job_not_found'],
  },
  {
    operationId: 'deleteJob',
    method: 'delete',
    path: paths.job(':id'),
    summary: 'Delete a job that has ended, with its report and file; the rows that it has loaded stay',
    scope: 'admin',
    request: { params: jobParams },
    answers: { 204: { description: 'Deleted.' } },
    problems: ['job_not_found', 'job_state_conflict'],
  },
  {
    operationId: 'cancelJob',
    method: 'post',
    path: paths.cancel(':id'),
    summary: 'Cancel a job; the rows that are loaded stay. One that is held is discarded',
    scope: 'write',
    request: { params: jobParams },
    answers: { 200: { description: 'The job as it is now.', content: json(Job) } },
    problems: ['job_not_found', 'job_state_conflict'],
  },
  {
    operationId: 'retryJob',
    method: 'post',
    path: paths.retry(':id'),
    summary:
      'Put a failed or cancelled job back; it continues where it ended. One that was undone starts from the beginning',
    scope: 'write',
    request: { params: jobParams },
    answers: { 202: { description: 'The job as it is now.', content: json(Job), headers: location } },
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
    summary: 'Load the file of a completed dry run, as a job of its own; asked again, the same one',
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
    summary: 'Accept a held job: its rows are committed',
    scope: 'write',
    request: { params: jobParams },
    answers: {
      200: { description: 'The job, which is completed.', content: json(Job) },
      202: { description: 'The job, which is accepted: its commit takes longer.', content: json(Job) },
    },
    problems: ['job_not_found', 'job_state_conflict', 'table_not_allowed'],
  },
  {
    operationId: 'discardJob',
    method: 'post',
    path: paths.discard(':id'),
    summary: 'Discard a held job: its rows are rolled back',
    scope: 'write',
    request: { params: jobParams },
    answers: { 200: { description: 'The job as it is now.', content: json(Job) } },
    problems: ['job_not_found', 'job_state_conflict', 'table_not_allowed'],
  },
  {
    operationId: 'undoJob',
    method: 'post',
    path: paths.undo(':id'),
    summary:
      'Undo a job that has ended: remove the rows that it has inserted and restore those that it has updated, as far as nobody has changed or referenced them since',
    scope: 'write',
    request: {
      params: jobParams,
      query: z.object({
        dryRun: z
          .enum(['true', 'false'])
          .optional()
          .describe('true: all of it is done and rolled back, for its counts'),
      }),
    },
    answers: {
      200: {
        description: 'What became of the rows, or would.',
        content: json(
          undoResultSchema.meta({
            id: 'UndoResult',
            description: 'What became of the rows of an undone job.',
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
