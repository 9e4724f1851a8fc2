/**
 * The gate as soon as the first bytes of a file are there, so that one with the wrong header is refused before the rest of it is
 * sent. It has as many bytes as at the end (HEAD_BYTES), so what it says is what would be said then.
 */
import { HEAD_BYTES } from '../../../intake/offeredFile.js';

export interface FirstLook {
  /** Takes a chunk, in order. */
  see(chunk: Uint8Array): void;
  /** The first bytes so far, where they are too few; undefined where they were judged, or some are missing. */
  kept(): Buffer | undefined;
  /** Waits until what was begun has been judged. @throws the refusal */
  done(): Promise<void>;
}

/**
 * @param before what an earlier request has kept
 * @param offset where this request begins
 * @param judge throws where the file is refused; called once, with HEAD_BYTES bytes
 * @param refused is told of it at once
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
  // What a daemon has taken that was killed then is in nobody's memory: such a file is judged at its end.
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
