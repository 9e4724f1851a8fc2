/** Drives a zlib stream by hand: writes a chunk, then yields the resulting chunks one at a time. */
import type { Transform } from 'node:stream';

/** A stream of node:zlib. Unlike other Transforms, it has the number of bytes that the engine really consumed. */
export type ZlibStream = Transform & { readonly bytesWritten: number };

/**
 * By hand instead of `pipe`, because the caller must know which input bytes the engine left unread at its end, and
 * because stopping a generator early (`return()`) then closes everything in order. The stream's own backpressure still
 * works: it decompresses only as much as fits in its buffer until that is read, no matter how large a chunk becomes.
 */
export class ZlibPump {
  readonly #stream: ZlibStream;
  #fed = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: () => void = () => {};

  constructor(stream: ZlibStream) {
    this.#stream = stream;
    stream.on('readable', () => this.#wake());
    stream.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
    // Stays registered after close, so that a late error of an abandoned stream is not unhandled.
    stream.on('error', (error) => {
      this.#error ??= error;
      this.#wake();
    });
  }

  /**
   * Whether the engine has reached the end of its format; then it takes no more input. Check it between writes: a write
   * may return before the stream's `end` event, but only an engine at its end leaves bytes unread.
   */
  get ended(): boolean {
    return this.#ended || this.unread > 0;
  }

  /** Number of written bytes that come after that end. */
  get unread(): number {
    return this.#fed - this.#stream.bytesWritten;
  }

  /** Yields the output for a chunk. Returns when the chunk is used up or the format has ended. */
  async *write(chunk: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
    let taken = false;
    this.#fed += chunk.length;
    this.#stream.write(chunk, () => {
      taken = true;
      this.#wake();
    });
    yield* this.#readWhile(() => !taken);
  }

  /** Ends the input and yields the rest of the output. @throws the zlib error if the format has not ended */
  async *end(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#stream.end();
    yield* this.#readWhile(() => true);
  }

  close(): void {
    this.#stream.destroy();
  }

  async *#readWhile(more: () => boolean): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      // Created before the checks, so that no event between them and the wait is lost.
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      for (let out = this.#stream.read() as Uint8Array | null; out; out = this.#stream.read()) yield out;
      if (this.#error) throw this.#error;
      if (this.#ended || !more()) return;
      await woken;
    }
  }
}
