/** An uploaded file as the gate sees it, before it is processed. */
import { type FileHandle, open } from 'node:fs/promises';
import type { ReadOverrides } from '../pipeline/reading.js';

/** Enough for the header, and to detect encoding and delimiter, even of a compressed file. */
export const HEAD_BYTES = 128 * 1024;
/** In gzip, these bytes hold the length of the text. */
export const TAIL_BYTES = 4;

export interface OfferedFile {
  sizeBytes: number;
  /** Its first bytes: HEAD_BYTES of them, or all there are. */
  head: Uint8Array;
  /** Its last bytes: TAIL_BYTES of them, or all there are. */
  tail: Uint8Array;
  overrides: ReadOverrides;
}

/** A file on this machine. @throws errors of the file system */
export async function localFile(path: string, overrides: ReadOverrides): Promise<OfferedFile> {
  const file = await open(path);
  try {
    const { size: sizeBytes } = await file.stat();
    const head = await readAt(file, 0, Math.min(HEAD_BYTES, sizeBytes));
    const tailBytes = Math.min(TAIL_BYTES, sizeBytes);
    const tail = await readAt(file, sizeBytes - tailBytes, tailBytes);
    return { sizeBytes, head, tail, overrides };
  } finally {
    await file.close();
  }
}

/** read(2) may return fewer bytes than there are. */
async function readAt(file: FileHandle, from: number, bytes: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(bytes);
  let length = 0;
  while (length < bytes) {
    const { bytesRead } = await file.read(buffer, length, bytes - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
