/**
 * Whether an uploaded file is small: by its content, because 1 MiB of a compressed file may be 1 GiB of text.
 */
import { type Chunks, decompress } from '../pipeline/decode/decompress.js';
import { HEAD_BYTES, identify } from '../pipeline/decode/identify.js';

/** The part of the storage that is needed. */
export interface StoredFiles {
  head(id: string, bytes: number): Promise<Uint8Array>;
  open(id: string): Chunks;
}

/**
 * Whether a stored file has at most `limit` bytes, decompressed. A compressed file is decompressed up to the
 * limit if needed. False if it cannot be read: its job finds out why.
 * @param limit in bytes (SMALL_JOB_BYTES); with 0, no file is small
 */
export async function isSmallFile(
  { id, sizeBytes }: { id: string; sizeBytes: number },
  limit: number,
  files: StoredFiles,
): Promise<boolean> {
  if (sizeBytes > limit) return false;
  try {
    const { compression } = identify(await files.head(id, HEAD_BYTES));
    if (compression === 'none') return true;
    // It throws beyond the limit.
    for await (const _ of decompress(files.open(id), { compression, maxDecodedBytes: limit }));
    return true;
  } catch {
    return false;
  }
}
