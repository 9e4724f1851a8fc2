/** The part of the text being examined: what is left from earlier, and the bytes received since. */

const NONE = Buffer.alloc(0);

/**
 * Turns chunks of any size into windows: contiguous bytes, of which some may be left for the next window.
 *
 * Leftover bytes are examined again from their start. So the next window waits until there are twice as many bytes, or
 * `enough` of them: the work for a record stays proportional to its size at every chunk size, and memory holds no more
 * than `enough` bytes and a chunk.
 */
export class TextWindow {
  /** Empty until enough bytes have arrived. */
  bytes: Buffer = NONE;
  /** Where the unread part starts. */
  at = 0;
  /** Offset of the window in the text. */
  base: number;
  /** No bytes will follow those of the window. */
  ended = false;

  /** This many bytes are always enough to examine a record. */
  readonly #enough: number;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #wanted = 0;
  /** Memory in which parts are joined, reused for every window. */
  #joined: Buffer = NONE;

  constructor(base: number, enough: number) {
    this.base = base;
    this.#enough = enough;
  }

  /** Opens the next window, if there are enough bytes. The chunk may be overwritten after `keepRest`. */
  push(chunk: Uint8Array): void {
    this.keepRest();
    const part = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#partBytes += part.length;
    if (this.#partBytes >= this.#wanted) {
      this.#parts.push(part);
      this.#open();
    } else {
      this.#parts.push(Buffer.from(part));
    }
  }

  /** Opens the last window. */
  finish(): void {
    this.keepRest();
    this.ended = true;
    this.#open();
  }

  /** Closes the window and keeps its unread bytes. */
  keepRest(): void {
    if (this.bytes === NONE) return;
    const left = this.bytes.length - this.at;
    this.base += this.at;
    this.#parts = left > 0 ? [Buffer.from(this.bytes.subarray(this.at))] : [];
    this.#partBytes = left;
    this.#wanted = left < this.#enough ? Math.min(2 * left, this.#enough) : left + 1;
    this.bytes = NONE;
    this.at = 0;
  }

  #open(): void {
    this.bytes = this.#parts.length === 1 ? this.#parts[0]! : this.#join();
    this.#parts = [];
    this.#partBytes = 0;
    this.at = 0;
  }

  #join(): Buffer {
    if (this.#joined.length < this.#partBytes) this.#joined = Buffer.allocUnsafeSlow(2 * this.#partBytes);
    let at = 0;
    for (const part of this.#parts) at += part.copy(this.#joined, at);
    return this.#joined.subarray(0, at);
  }
}
