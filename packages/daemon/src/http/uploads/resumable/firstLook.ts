/**
 * Runs the gate as soon as the first bytes of a file have arrived, so that a file with the wrong header is
 * refused before the rest of it is sent. It sees as many bytes as at the end (HEAD_BYTES), so it gives the
 * same verdict.
 */
import { HEAD_BYTES } from '../../../intake/offeredFile.js';

export interface FirstLook {
  /** Takes a chunk, in order. */
  see(chunk: Uint8Array): void;
  /** The first bytes so far, if there are too few; undefined if they were judged, or some are missing. */
  kept(): Buffer | undefined;
  /** Waits for a judgement under way. @throws the refusal */
  done(): Promise<void>;
}

/**
 * @param before the bytes that an earlier request has kept
 * @param offset where this request starts
 * @param judge throws if the file is refused; called once, with HEAD_BYTES bytes
 * @param refused is called with the refusal at once
 */
export function firstLook(
  before: Uint8Array | null,
  offset: number,
  judge: (head: Uint8Array) => Promise<void>,
  refused: (reason: unknown) => void,
): FirstLook {
  const parts: Uint8Array[] = before ? [before] : [];
  let bytes = before?.length ?? 0;
  let judging: Promise<void> | undefined;
  // Bytes taken by a daemon that was killed are not in memory: such a file is judged at its end.
  const isWhole = bytes === offset;
  return {
    see(chunk) {
      if (!isWhole || judging) return;
      parts.push(chunk.subarray(0, HEAD_BYTES - bytes));
      bytes += chunk.length;
      if (bytes < HEAD_BYTES) return;
      judging = judge(Buffer.concat(parts));
      judging.catch(refused);
    },
    kept: () => (isWhole && !judging && bytes > 0 ? Buffer.concat(parts) : undefined),
    done: async () => judging,
  };
}
