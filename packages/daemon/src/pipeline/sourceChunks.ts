/** The bytes of a stored file, wherever it is: in the thread that reads. */
import type { ByteSource, S3Source } from '../storage/source.js';
import { fileChunks } from './fileChunks.js';

/**
 * Loads what a source is read with, which for a file is here already: a job from a folder must not wait for the SDK. It opens
 * files (see opening.ts). @throws {Failure} `unavailable`
 */
export async function prepareSource(input: ByteSource): Promise<void> {
  if (input.kind === 's3') await (await import('../storage/s3/chunks.js')).prepareS3(input);
}

/**
 * The bytes from an offset on. A chunk is good until the next one is asked for.
 * @throws {Failure} `file_changed`, `file_missing`, `unavailable`; of a file, errors of the file system
 */
export function sourceChunks(input: ByteSource, start = 0): AsyncGenerator<Uint8Array, void, undefined> {
  return input.kind === 's3' ? objectChunks(input, start) : fileChunks(input.path, start, input.fence);
}

async function* objectChunks(input: S3Source, start: number): AsyncGenerator<Uint8Array, void, undefined> {
  const { s3Chunks } = await import('../storage/s3/chunks.js');
  yield* s3Chunks(input, start);
}
