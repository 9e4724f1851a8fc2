/** Reads the bytes of a stored file, for the reading thread: from a folder or from a bucket. */
import type { ByteSource, S3Source } from '../storage/source.js';
import { fileChunks } from './fileChunks.js';

/**
 * Loads the code that reads a source. A file needs none, so a job from a folder does not wait for the S3 SDK. Opens
 * files (see opening.ts).
 * @throws {Failure} `unavailable`
 */
export async function prepareSource(input: ByteSource): Promise<void> {
  if (input.kind === 's3') await (await import('../storage/s3/chunks.js')).prepareS3(input);
}

/**
 * Yields the bytes from an offset. A chunk is valid until the next one is requested.
 * @throws {Failure} `file_changed`, `file_missing`, `unavailable`; for a file, errors of the file system
 */
export function sourceChunks(input: ByteSource, start = 0): AsyncGenerator<Uint8Array, void, undefined> {
  return input.kind === 's3' ? objectChunks(input, start) : fileChunks(input.path, start, input.fence);
}

async function* objectChunks(input: S3Source, start: number): AsyncGenerator<Uint8Array, void, undefined> {
  const { s3Chunks } = await import('../storage/s3/chunks.js');
  yield* s3Chunks(input, start);
}
