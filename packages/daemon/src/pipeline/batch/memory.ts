/**
 * Memory for payloads, shared by the thread that makes them and the one that loads them, and reused once their batch is
 * committed.
 *
 * It is shared because V8 counts all other memory against its owner's heap: 6 MB more per batch made it collect a 25 MB
 * heap several times a second, and each collection blocked the API for 5 to 10 ms. It is reused because nothing would
 * make V8 free shared memory soon.
 *
 * Sizes are powers of two, so that returned buffers fit new requests. Pages never written to take no memory.
 */
const SMALLEST = 64 * 1024;

export class PayloadMemory {
  readonly #free = new Map<number, SharedArrayBuffer[]>();

  /**
   * Returns the given number of bytes with any content. Their buffer is larger, and has no other user until it is given
   * back.
   */
  take(bytes: number): Uint8Array {
    if (bytes === 0) return new Uint8Array(0);
    let size = SMALLEST;
    while (size < bytes) size *= 2;
    const buffer = this.#free.get(size)?.pop() ?? new SharedArrayBuffer(size);
    return new Uint8Array(buffer, 0, bytes);
  }

  /** Accepts memory returned by `take` that is no longer in use. */
  giveBack(payloads: readonly Uint8Array[]): void {
    for (const { buffer } of payloads) {
      if (!(buffer instanceof SharedArrayBuffer)) continue;
      const free = this.#free.get(buffer.byteLength);
      if (free) free.push(buffer);
      else this.#free.set(buffer.byteLength, [buffer]);
    }
  }
}
