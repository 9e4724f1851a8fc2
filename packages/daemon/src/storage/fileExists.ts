import { Failure } from '../failure.js';

/** Ids are random: two files under one are two writers of the same upload, of which one is done. */
export function fileExists(cause?: unknown): Failure {
  return new Failure('file_exists', 'the file of this upload is stored already', { cause });
}
