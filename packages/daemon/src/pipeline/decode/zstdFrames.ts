/** Where the frames of a zstd stream end (RFC 8878 section 3.1), found without decompressing anything. */

/** A piece of the input that lies in one frame, and whether the frame ends with it. */
export interface FramePiece {
  bytes: Uint8Array;
  ends: boolean;
}

/** What the walk wants next: bytes to look at, or bytes to pass over. */
type Wanted = { read: number } | { pass: number };

/**
 * Cuts chunks at the ends of frames. Node's own decompressor (measured on 22.23) ends at the first frame's end if
 * the next frame starts in the same chunk, goes on if it starts in a later one, and takes a truncated stream for a
 * whole one. So each frame gets a decompressor of its own, and the end of the file must be the end of a frame.
 */
export class ZstdFrames {
  readonly #walk = frames();
  #wanted: Wanted = { pass: 0 };
  /** Bytes that the current step has read. */
  #bytes: number[] = [];
  #atEnd = true;

  constructor() {
    this.#advance();
  }

  /** Whether all that was cut so far is whole frames. */
  get atEnd(): boolean {
    return this.#atEnd;
  }

  /**
   * Cuts the next chunk. Bytes that are no frame come out as if they were part of one, for the decompressor to
   * refuse. Skippable frames come out too; they decompress to nothing.
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

  /** To the next step that needs bytes; says whether the end of a frame lay before it. */
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
