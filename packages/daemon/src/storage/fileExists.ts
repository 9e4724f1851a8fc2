import { Failure } from '../failure.js';

/**
 * Ids are random: two files under one id come from two writers of the same upload, one of which has finished.
 */
export function fileExists(cause?: unknown): Failure {
  return new Failure('file_exists', 'the file of this upload is already stored', { cause });
}
