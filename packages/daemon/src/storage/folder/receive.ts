/**
 * Receives a file: counts, hashes and flushes it to disk under a temporary name, then renames it to its own.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { explainedWrite } from '../explainedWrite.js';
import { fileTooLarge } from '../fileTooLarge.js';
import type { Receive, Received } from '../received.js';
import { createSumming, type Sum } from '../summing.js';
import { placed, writeAll } from './place.js';

interface Job extends Receive {
  temporary: string;
  final: string;
  stream: AsyncIterable<Uint8Array>;
}

/**
 * Writes a stream to `temporary` and flushes it.
 * @throws {Failure} `file_too_large`, `disk_full`, `unavailable`; the stream's own errors; the signal's reason
 */
export async function receiveFile(job: Job): Promise<Received> {
  const { temporary, final } = job;
  let sum: Sum;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      sum = await write(file, job);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    // If it cannot be removed (the disk became read-only), the next daemon that can will remove it.
    await rm(temporary, { force: true }).catch(() => {});
    throw explainedWrite(error);
  }
  return { ...sum, ...placed(temporary, final) };
}

async function write(file: FileHandle, { stream, maxBytes, headBytes, signal }: Job): Promise<Sum> {
  const summing = createSumming(headBytes);
  for await (const chunk of stream) {
    signal?.throwIfAborted();
    if (summing.sizeBytes + chunk.length > maxBytes) throw fileTooLarge(maxBytes);
    await writeAll(file, chunk, summing.sizeBytes);
    summing.add(chunk);
  }
  signal?.throwIfAborted();
  return summing.end();
}
