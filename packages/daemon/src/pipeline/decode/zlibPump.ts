/** A zlib stream driven by hand: bytes in, what comes of them out, one at a time. */
import type { Transform } from 'node:stream';

/** What the streams of node:zlib have beside a Transform's: the bytes that the engine really took. */
export type ZlibStream = Transform & { readonly bytesWritten: number };

/**
 * By hand rather than with `pipe`, because the reader must know which input bytes the engine left unread at its end,
 * and because a generator that is given up (`return()`) then closes everything in order. The stream's own back
 * pressure holds: no more is decompressed than fits its buffer until it is read, however large a chunk becomes.
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
    // Kept on after close, so that a late error of a stream given up is not an unhandled one.
    stream.on('error', (error) => {
      this.#error ??= error;
      this.#wake();
    });
  }

  /**
   * Whether the engine has come to the end of its format; further input is not taken. To be asked between writes:
   * a write may return before the stream's `end`, but then only an ended engine has left bytes unread.
   */
  get ended(): boolean {
    return this.#ended || this.unread > 0;
  }

  /** How many of the bytes written lie behind that end. */
  get unread(): number {
    return this.#fed - this.#stream.bytesWritten;
  }

  /** Yields what comes of a chunk. Returns when the chunk is used up or the format has ended. */
  async *write(chunk: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
    let taken = false;
    this.#fed += chunk.length;
    this.#stream.write(chunk, () => {
      taken = true;
      this.#wake();
    });
    yield* this.#readWhile(() => !taken);
  }

  /** Says that no more comes, and yields the rest. @throws the zlib error where the format has not ended */
  async *end(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#stream.end();
    yield* this.#readWhile(() => true);
  }

  close(): void {
    this.#stream.destroy();
  }

  async *#readWhile(more: () => boolean): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      // Made before the checks, so that no event between them and the wait is lost.
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
