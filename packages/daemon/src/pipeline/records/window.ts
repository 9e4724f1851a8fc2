/** The part of the text that is looked at: what an earlier look left over, and what has come since. */

const NONE = Buffer.alloc(0);

/**
 * Chunks of any size become windows: bytes without a gap, of which a part may be left for the next window.
 *
 * What is left over is looked at again from its start, so it waits until twice its bytes have come, or `enough` of them:
 * the looks at a record add up to a multiple of its bytes, at every chunk size, and no more than `enough` bytes and a
 * chunk are kept.
 */
export class TextWindow {
  /** Empty until enough has come. */
  bytes: Buffer = NONE;
  /** Where the part that was not read yet begins. */
  at = 0;
  /** Offset of the window in the text. */
  base: number;
  /** No bytes will follow those of the window. */
  ended = false;

  /** A look at so many bytes never needs more of them. */
  readonly #enough: number;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #wanted = 0;
  /** Where parts are put together, one window after the other. */
  #joined: Buffer = NONE;

  constructor(base: number, enough: number) {
    this.base = base;
    this.#enough = enough;
  }

  /** Opens the next window, if that is worth it. The chunk may be overwritten after `keepRest`. */
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

  /** Closes the window and keeps what was not read of it. */
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
