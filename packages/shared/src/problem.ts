/** Problems by stable code, and their form in an answer: RFC 9457, application/problem+json. */
import { z } from 'zod';

/** Every code that the API may answer with, its HTTP status and its title. Scripts rely on the codes. */
export const PROBLEMS = {
  bad_request: { status: 400, title: 'The request is invalid' },
  not_multipart: { status: 415, title: 'The upload is not multipart/form-data' },
  file_field_missing: { status: 400, title: 'The upload has no field named "file"' },
  field_name_wrong: { status: 400, title: 'The file is in a field that is not named "file"' },
  several_files: { status: 400, title: 'The upload has more than one file' },
  upload_truncated: { status: 400, title: 'The upload was cut off' },
  file_empty: { status: 422, title: 'The file is empty' },
  file_not_text: { status: 415, title: 'The file is not a CSV file' },
  encoding_unknown: { status: 422, title: 'The encoding of the file is not supported' },
  encoding_conflict: { status: 422, title: 'The file is not in the requested encoding' },
  encoding_undetermined: { status: 422, title: 'The encoding of the file cannot be determined' },
  strict: { status: 422, title: 'Reading the file would need an assumption' },
  gzip_damaged: { status: 422, title: 'The compressed file is damaged' },
  file_invalid: { status: 422, title: 'The file cannot be read' },
  header_invalid: { status: 422, title: 'The header does not have the columns that are needed' },
  spec_invalid: { status: 400, title: 'The spec is invalid' },
  spec_mismatch: { status: 422, title: 'The file, the spec and the table do not fit together' },
  key_unusable: { status: 422, title: 'The table has no such key for finding its rows' },
  file_too_large: { status: 413, title: 'The file is larger than this daemon allows' },
  decompressed_too_large: { status: 413, title: 'The file is too large once it is decompressed' },
  disk_full: { status: 507, title: 'There is no room on the disk for the upload' },
  idempotency_conflict: { status: 409, title: 'The Idempotency-Key was used for another file' },
  same_file: { status: 409, title: 'The same file was uploaded before' },
  upload_not_found: { status: 404, title: 'There is no such upload' },
  upload_offset_conflict: { status: 409, title: 'The upload continues at another offset' },
  upload_locked: { status: 423, title: 'The upload is in use by another request' },
  checksum_mismatch: { status: 460, title: 'The bytes do not match their checksum' },
  tus_version_unsupported: { status: 412, title: 'The request does not use tus 1.0.0' },
  job_not_found: { status: 404, title: 'There is no such job' },
  job_state_conflict: { status: 409, title: 'The state of the job does not allow this' },
  originals_not_kept: { status: 410, title: 'The records of the job were not kept as they are in the file' },
  nothing_to_fix: { status: 409, title: 'The job has no rejected records' },
  nothing_to_undo: { status: 409, title: 'The job has loaded no rows' },
  undo_not_kept: { status: 410, title: 'The data needed to undo the job is no longer kept' },
  undo_impossible: { status: 409, title: 'The rows of the job can no longer be identified' },
  undo_refused: { status: 409, title: 'PostgreSQL refuses to undo the job' },
  source_not_allowed: { status: 403, title: 'The daemon may not load from this bucket' },
  source_missing: { status: 404, title: 'There is no such object' },
  source_changed: { status: 409, title: 'The object has changed since the upload' },
  file_gone: { status: 410, title: 'The file of the job is no longer kept' },
  table_name_invalid: { status: 400, title: 'The name of the table cannot be read' },
  table_not_found: { status: 404, title: 'There is no such table' },
  table_ambiguous: { status: 409, title: 'Several tables have this name' },
  table_not_allowed: { status: 403, title: 'Loading into this table is not allowed' },
  table_no_rights: {
    status: 422,
    title: 'The daemon lacks a right in the database that the load needs',
  },
  rows_locked: { status: 409, title: 'Rows of the table are locked by another session' },
  target_changed: { status: 409, title: 'The table has changed' },
  table_takes_no_rows: { status: 422, title: 'The table takes no rows' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  unauthorised: { status: 401, title: 'A token is needed' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  host_not_allowed: { status: 421, title: 'The host name is not allowed' },
  origin_not_allowed: { status: 403, title: 'Web pages of other origins may not do this' },
  not_json: { status: 415, title: 'The body is not JSON' },
  token_not_found: { status: 404, title: 'There is no such token' },
  table_exists: { status: 409, title: 'The table exists already' },
  schema_not_found: { status: 404, title: 'There is no such schema' },
  token_conflict: { status: 409, title: 'The token cannot be created' },
  webhook_not_found: { status: 404, title: 'There is no such webhook' },
  webhook_disabled: { status: 409, title: 'The endpoint of the webhook is disabled' },
  headers_too_large: { status: 431, title: 'The headers of the request are too large or too many' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  upload_too_slow: { status: 408, title: 'The upload is too slow' },
  too_many_uploads: { status: 429, title: 'Too many uploads at a time' },
  queue_full: { status: 429, title: 'Too many jobs are waiting' },
  too_many_held: { status: 409, title: 'Too many jobs are held' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  too_many_reports: { status: 429, title: 'Too many reports are being sent' },
  too_many_streams: { status: 503, title: 'Too many open streams' },
  unavailable: { status: 503, title: 'A service that the daemon needs is unavailable' },
  internal: { status: 500, title: 'Internal error' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** The body of every answer that is not a success. `detail` says what happened, why, and what to do next. */
export const problemSchema = z.object({
  type: z.string().describe('a URI reference for the type of problem'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe('stable: scripts can rely on it'),
  instance: z.string().optional(),
  requestId: z.string().optional(),
  options: z
    .array(z.string())
    .optional()
    .describe('options for the command line that make the file acceptable'),
});
export type Problem = z.infer<typeof problemSchema>;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Builds the body of a problem answer. */
export function problem(
  code: ProblemCode,
  detail: string,
  more: Pick<Problem, 'instance' | 'requestId' | 'options'> = {},
): Problem {
  const { status, title } = PROBLEMS[code];
  return { type: `urn:csvjobs:problem:${code}`, title, status, detail, code, ...more };
}
