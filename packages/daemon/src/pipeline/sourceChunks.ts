/** The bytes of a stored file, wherever it is: in the thread that reads. */
import type { ByteSource } from '../storage/source.js';
import { fileChunks } from './fileChunks.js';

/**
 * The bytes from an offset on. A chunk is good until the next one is asked for.
 * @throws {Failure} `file_changed`; errors of the file system
 */
export function sourceChunks(input: ByteSource, start = 0): AsyncGenerator<Uint8Array, void, undefined> {
  return fileChunks(input.path, start, input.fence);
}
