/**
 * The gate that every file passes before it becomes a job: an upload (http/uploads) and `csvjobs check`
 * (pipeline/checkFile) refuse files for the same reasons, in the same words.
 */
import { PROBLEMS } from '@csvjobs/shared';
import { asFailure, Failure } from '../failure.js';
import type { HeaderParts } from '../pipeline/header.js';
import type { HeaderRule } from '../pipeline/headerRule.js';
import type { ReadLimits } from '../pipeline/reading.js';
import { inspect } from './inspect.js';
import type { OfferedFile } from './offeredFile.js';

export interface GateLimits extends Pick<ReadLimits, 'maxRecordBytes' | 'maxDecodedBytes'> {
  maxUploadBytes: number;
}

/**
 * Accepts a file, or says why not. Returns its header, if its first bytes are enough to be sure of it.
 * @throws {Failure} with a ProblemCode (`file_invalid` for reasons without a code of their own). Errors that
 * say nothing about the file (a temporary failure, a bug) are thrown unchanged.
 */
export async function admit<Of extends HeaderParts>(
  file: OfferedFile,
  limits: GateLimits,
  rule: HeaderRule<Of>,
): Promise<Of | undefined> {
  if (file.sizeBytes === 0)
    throw new Failure('file_empty', 'the file has no bytes: it needs a header and records');
  if (file.sizeBytes > limits.maxUploadBytes) throw fileTooLarge(limits.maxUploadBytes);
  try {
    return await inspect(file, limits, rule);
  } catch (error) {
    const failure = asFailure(error);
    const known = Object.hasOwn(PROBLEMS, failure.code) || failure.retryable || failure.code === 'unexpected';
    throw known ? failure : new Failure('file_invalid', failure.message, { cause: failure });
  }
}

/** The refusal of a file for its size alone, which an upload may get before the file has arrived. */
export function fileTooLarge(maxUploadBytes: number): Failure {
  return new Failure(
    'file_too_large',
    `the file is larger than the maximum of ${maxUploadBytes} bytes; split it, or raise MAX_UPLOAD_BYTES`,
  );
}
