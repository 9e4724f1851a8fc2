/**
 * Memory for payloads: shared by the thread that makes them and the one that loads them, and used again once their batch
 * is committed.
 *
 * Shared, because V8 counts all other memory against the heap of whoever has it: 6 MB more for each batch made it
 * collect a heap of 25 MB several times a second, and each time the API waited for 5 to 10 ms. Used again, because
 * nothing would hurry V8 to free shared memory.
 *
 * Sizes are powers of two, so that what comes back fits. Pages that are never written to take no memory.
 */
const SMALLEST = 64 * 1024;

export class PayloadMemory {
  readonly #free = new Map<number, SharedArrayBuffer[]>();

  /** So many bytes, whatever stands in them. Their buffer is larger, and nobody else's until it is given back. */
  take(bytes: number): Uint8Array {
    if (bytes === 0) return new Uint8Array(0);
    let size = SMALLEST;
    while (size < bytes) size *= 2;
    const buffer = this.#free.get(size)?.pop() ?? new SharedArrayBuffer(size);
    return new Uint8Array(buffer, 0, bytes);
  }

  /** Takes back the memory of what `take` gave, at whose bytes nobody looks any more. */
  giveBack(payloads: readonly Uint8Array[]): void {
    for (const { buffer } of payloads) {
      if (!(buffer instanceof SharedArrayBuffer)) continue;
      const free = this.#free.get(buffer.byteLength);
      if (free) free.push(buffer);
      else this.#free.set(buffer.byteLength, [buffer]);
    }
  }
}
