/** Collects the size, the hash and both ends of a file while it streams by. */
import { createHash } from 'node:crypto';
import type { Received } from './received.js';

const TAIL_BYTES = 4;

export type Sum = Pick<Received, 'sizeBytes' | 'sha256' | 'head' | 'tail'>;

export interface Summing {
  readonly sizeBytes: number;
  add(chunk: Uint8Array): void;
  end(): Sum;
}

/** @param headBytes number of first bytes to keep */
export function createSumming(headBytes = 0): Summing {
  const hash = createHash('sha256');
  const head: Uint8Array[] = [];
  let tail = Buffer.alloc(0);
  let sizeBytes = 0;
  return {
    get sizeBytes() {
      return sizeBytes;
    },
    add(chunk) {
      // A copy: the memory of a chunk may be reused.
      if (sizeBytes < headBytes) head.push(Uint8Array.from(chunk.subarray(0, headBytes - sizeBytes)));
      hash.update(chunk);
      tail = Buffer.concat([tail, chunk.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
      sizeBytes += chunk.length;
    },
    end: () => ({ sizeBytes, sha256: hash.digest('hex'), head: Buffer.concat(head), tail }),
  };
}
