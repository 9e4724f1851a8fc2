/** UUIDs as bytes. */
import { randomFillSync } from 'node:crypto';

/** Returns the 16 bytes of a UUID in text form. */
export function uuidBytes(text: string): Buffer {
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}

/** Maximum number of IDs per call: the counter has 18 bits. */
export const MAX_IDS = 2 ** 18;

/**
 * Makes version 7 IDs (RFC 9562, section 5.7, with the counter of method 1 in section 6.2): 48 bits of milliseconds, an
 * 18-bit counter from 0, and 56 random bits. They ascend within a call, so the primary key grows at its right edge.
 * They are made here because the server's uuidv7() asks OpenSSL for randomness once per row.
 *
 * Calls `each` with every ID as four 32-bit words.
 */
export function makeIds(
  count: number,
  now: number,
  each: (index: number, a: number, b: number, c: number, d: number) => void,
): void {
  const random = new Uint32Array(count * 2);
  randomFillSync(random);
  const a = Math.floor(now / 2 ** 16);
  const low = (now % 2 ** 16) * 2 ** 16;
  for (let index = 0; index < count; index++) {
    const b = low + 0x7000 + (index >>> 6);
    const c = (0x80000000 | ((index & 0x3f) << 24) | (random[index * 2]! & 0xffffff)) >>> 0;
    each(index, a, b, c, random[index * 2 + 1]!);
  }
}
