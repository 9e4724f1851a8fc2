/** Finds where the frames of a zstd stream end (RFC 8878 section 3.1), without decompressing anything. */

/** A piece of the input within one frame, and whether the frame ends with it. */
export interface FramePiece {
  bytes: Uint8Array;
  ends: boolean;
}

/** What the walk needs next: bytes to read, or bytes to skip. */
type Wanted = { read: number } | { pass: number };

/**
 * Splits chunks at the ends of frames. Node's own decompressor (tested with 22.23) stops at the end of the first frame
 * if the next one starts in the same chunk, continues if it starts in a later chunk, and accepts a truncated stream as
 * complete. So each frame gets its own decompressor, and the end of the file must be the end of a frame.
 */
export class ZstdFrames {
  readonly #walk = frames();
  #wanted: Wanted = { pass: 0 };
  /** Bytes read in the current step. */
  #bytes: number[] = [];
  #atEnd = true;

  constructor() {
    this.#advance();
  }

  /** Whether the input so far consists of complete frames. */
  get atEnd(): boolean {
    return this.#atEnd;
  }

  /**
   * Splits the next chunk. Bytes that are not a frame are yielded as if they were part of one, and the decompressor
   * refuses them. Skippable frames are yielded too; they decompress to nothing.
   */
  *cut(chunk: Uint8Array): Generator<FramePiece, void, undefined> {
    let from = 0;
    let at = 0;
    while (at < chunk.length) {
      let done: boolean;
      if ('read' in this.#wanted) {
        done = this.#bytes.push(chunk[at++]!) === this.#wanted.read;
      } else {
        const taken = Math.min(this.#wanted.pass, chunk.length - at);
        at += taken;
        this.#wanted = { pass: this.#wanted.pass - taken };
        done = this.#wanted.pass === 0;
      }
      this.#atEnd = done && this.#advance();
      if (this.#atEnd) {
        yield { bytes: chunk.subarray(from, at), ends: true };
        from = at;
      }
    }
    if (from < at) yield { bytes: chunk.subarray(from, at), ends: false };
  }

  /** Advances to the next step that needs bytes. Returns whether it passed the end of a frame. */
  #advance(): boolean {
    for (let ended = false; ; ) {
      const step = this.#walk.next(this.#bytes).value;
      this.#bytes = [];
      if (step === 'frame end') ended = true;
      else if (!('pass' in step) || step.pass > 0) {
        this.#wanted = step;
        return ended;
      }
    }
  }
}

function* frames(): Generator<Wanted | 'frame end', never, number[]> {
  for (;;) {
    const magic = littleEndian(yield { read: 4 });
    if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) {
      yield { pass: littleEndian(yield { read: 4 }) };
    } else if (magic === 0xfd2fb528) {
      const descriptor = littleEndian(yield { read: 1 });
      yield { pass: headerBytes(descriptor) };
      for (let last = false; !last; ) {
        const block = littleEndian(yield { read: 3 });
        last = (block & 1) === 1;
        // A block of type 1 is one byte, repeated.
        yield { pass: ((block >> 1) & 3) === 1 ? 1 : block >> 3 };
      }
      yield { pass: descriptor & 4 ? 4 : 0 };
    } else {
      yield { pass: Number.POSITIVE_INFINITY };
    }
    yield 'frame end';
  }
}

/** The rest of a frame's header: window descriptor, dictionary id and content size (RFC 8878 section 3.1.1.1). */
function headerBytes(descriptor: number): number {
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3]!;
  const contentSize = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  return (singleSegment ? 0 : 1) + dictionary + contentSize;
}

function littleEndian(bytes: number[]): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
