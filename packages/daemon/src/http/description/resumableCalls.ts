/** Uploads that can be continued: tus 1.0 (https://tus.io/protocols/resumable-upload). */
import { paths, resumableUploadSchema, UPLOADED_JOB_HEADER } from '@csvjobs/shared';
import { z } from 'zod';
import { type Call, json } from './call.js';
import { JOB_ID } from './examples.js';
import { OF_A_FILE } from './jobCalls.js';

const tus = z.object({ 'Tus-Resumable': z.string().describe('1.0.0').meta({ example: '1.0.0' }) });
const offset = z.object({ 'Upload-Offset': z.string().describe('number of bytes stored durably') });
const expires = z.object({
  'Upload-Expires': z.string().optional().describe('when it will be removed, unless more of it arrives'),
});
const job = z.object({
  [UPLOADED_JOB_HEADER]: z.string().optional().describe('the job, once the upload is complete'),
});
const checksum = z.object({
  'Upload-Checksum': z
    .string()
    .optional()
    .describe('sha1, sha256 or md5, a space, and the hash of the body in base64; limits the body to 8 MiB'),
});
const params = z.object({ id: z.uuid().describe("an upload's id").meta({ example: JOB_ID }) });
const octets = {
  content: {
    'application/offset+octet-stream': {
      schema: z.string().meta({ type: 'string', contentMediaType: 'application/octet-stream' }),
    },
  },
};
const path = paths.resumableUpload(':id');

/** Reasons for which a file that is not sent in a form may be refused. */
const OF_A_WHOLE_FILE = [
  ...OF_A_FILE.filter(
    (code) => !['not_multipart', 'file_field_missing', 'field_name_wrong', 'several_files'].includes(code),
  ),
  'idempotency_conflict',
  'same_file',
  'job_not_found',
  'job_state_conflict',
  'nothing_to_fix',
  'originals_not_kept',
] as const;

/** A refused upload keeps giving the same answer. */
const OF_AN_UPLOAD = ['upload_not_found', 'upload_locked', ...OF_A_WHOLE_FILE] as const;

export const RESUMABLE_CALLS: readonly Call[] = [
  {
    operationId: 'describeResumableUploads',
    method: 'options',
    path: paths.uploads,
    summary: 'Show which parts of tus 1.0 this daemon supports',
    scope: 'read',
    answers: {
      204: {
        description: 'See the headers.',
        headers: tus.extend({
          'Tus-Version': z.string(),
          'Tus-Extension': z.string(),
          'Tus-Max-Size': z.string().describe('MAX_UPLOAD_BYTES'),
          'Tus-Checksum-Algorithm': z.string(),
        }),
      },
    },
  },
  {
    operationId: 'createResumableUpload',
    method: 'post',
    path: paths.uploads,
    summary: 'Start a resumable upload (tus 1.0, creation); the request may contain its first bytes',
    scope: 'write',
    request: {
      headers: tus.merge(checksum).extend({
        'Upload-Length': z.string().describe('size of the whole file in bytes'),
        'Upload-Metadata': z
          .string()
          .optional()
          .describe(
            'pairs of a key and its value in base64, separated by commas: filename, spec, and encoding, delimiter, into, once and fixes as in the query of uploadFile',
          ),
        'Idempotency-Key': z
          .string()
          .optional()
          .describe('the same key with the same file returns the same job'),
      }),
      body: { required: false, ...octets },
    },
    answers: {
      201: {
        description: 'Started.',
        headers: z
          .object({ Location: z.string().describe('the upload') })
          .merge(tus)
          .merge(offset.partial())
          .merge(expires)
          .merge(job),
      },
    },
    problems: [
      ...OF_A_WHOLE_FILE,
      'tus_version_unsupported',
      'queue_full',
      'too_many_held',
      'checksum_mismatch',
    ],
  },
  {
    operationId: 'getResumableUpload',
    method: 'get',
    path,
    summary: 'Get a resumable upload: how much of it is stored, and its job',
    scope: 'write',
    request: { params },
    answers: {
      200: {
        description: 'The upload.',
        content: json(
          resumableUploadSchema.meta({
            id: 'ResumableUpload',
            description: 'A file that is being uploaded.',
          }),
        ),
        headers: tus.merge(job),
      },
    },
    problems: OF_AN_UPLOAD,
  },
  {
    operationId: 'findResumableOffset',
    method: 'head',
    path,
    summary: 'Get the offset at which a resumable upload continues',
    scope: 'write',
    request: { params, headers: tus },
    answers: {
      200: {
        description: 'See the headers.',
        headers: tus
          .merge(offset)
          .merge(job)
          .extend({ 'Upload-Length': z.string(), 'Upload-Metadata': z.string().optional() }),
      },
    },
    problems: [...OF_AN_UPLOAD, 'tus_version_unsupported'],
  },
  {
    operationId: 'continueResumableUpload',
    method: 'patch',
    path,
    summary: 'Send the next bytes of a resumable upload; with the last one it becomes a job',
    scope: 'write',
    request: {
      params,
      headers: tus
        .merge(checksum)
        .extend({ 'Upload-Offset': z.string().describe('the current end of the upload') }),
      body: { required: true, ...octets },
    },
    answers: {
      204: { description: 'Stored durably.', headers: tus.merge(offset).merge(expires).merge(job) },
    },
    problems: [
      ...OF_AN_UPLOAD,
      'too_many_held',
      'upload_offset_conflict',
      'checksum_mismatch',
      'tus_version_unsupported',
    ],
  },
  {
    operationId: 'endResumableUpload',
    method: 'delete',
    path,
    summary: 'Abandon a resumable upload that is not a job yet, and remove its stored bytes',
    scope: 'write',
    request: { params, headers: tus },
    answers: { 204: { description: 'Removed.', headers: tus } },
    problems: ['upload_not_found', 'upload_locked', 'job_state_conflict', 'tus_version_unsupported'],
  },
];
