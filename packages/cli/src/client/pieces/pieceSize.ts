/** How many bytes go in one request: each is acknowledged, so that the progress is true and little is sent twice. */

const MiB = 1024 * 1024;
const LEAST = MiB;
const FIRST = 8 * MiB;
const MOST = 64 * MiB;

/** A piece is to take about as long as this, milliseconds: longer, and the progress stands still. */
const SOON = 400;
const LATE = 1_500;

export interface PieceSize {
  bytes: number;
  /** Learns how long a piece of this size took, milliseconds. */
  took(ms: number): void;
  /** After a break: a line that breaks often gets something through. */
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
