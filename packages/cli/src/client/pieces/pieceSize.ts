/**
 * How many bytes go in one request. The daemon acknowledges each piece, so progress is accurate and little is sent
 * twice.
 */

const MiB = 1024 * 1024;
const LEAST = MiB;
const FIRST = 8 * MiB;
const MOST = 64 * MiB;

/** Target duration of a piece, in milliseconds. If it takes longer, the progress display stalls. */
const SOON = 400;
const LATE = 1_500;

export interface PieceSize {
  bytes: number;
  /** Records how long a piece of this size took, in milliseconds. */
  took(ms: number): void;
  /** Call after a break. Smaller pieces get through even if the connection breaks often. */
  broke(): void;
}

export function pieceSize(): PieceSize {
  const size: PieceSize = {
    bytes: FIRST,
    took(ms) {
      if (ms < SOON) size.bytes = Math.min(MOST, size.bytes * 2);
      else if (ms > LATE) size.bytes = Math.max(LEAST, size.bytes / 2);
    },
    broke() {
      size.bytes = Math.max(LEAST, size.bytes / 2);
    },
  };
  return size;
}
