/**
 * Remembers which keys (including e-mails) may have occurred before: a Bloom filter (Bloom 1970) in blocks of one cache
 * line (Putze, Sanders, Singler 2007), so a query costs one cache miss instead of six. It never says no wrongly. At its
 * full size it says "maybe" wrongly for about 0.2% of the keys; their rows take the slower way, but stay correct.
 */
import type { EmailKey } from './emailKey.js';

/** Bits per expected e-mail, and bits that each sets. */
const BITS_PER_EMAIL = 16;
const PROBES = 6;

/** A block has 16 words of 32 bits: 64 bytes, one cache line. */
const BLOCK_WORDS = 16;

/** The filter stops growing at 64 MiB (33 million e-mails); beyond that it says "maybe" more often. */
const MAX_BYTES = 64 * 1024 * 1024;
const MIN_BYTES = 64 * 1024;

export class KeyFilter {
  readonly #words: Int32Array;
  /** Selects the block from the bits of a hash; the number of blocks is a power of two. */
  readonly #mask: number;

  /** @param expected roughly how many e-mails will be added */
  constructor(expected: number) {
    const bytes = Math.min(MAX_BYTES, Math.max(MIN_BYTES, (expected * BITS_PER_EMAIL) / 8));
    const blocks = 2 ** Math.ceil(Math.log2(bytes / (BLOCK_WORDS * 4)));
    this.#mask = blocks - 1;
    this.#words = new Int32Array(blocks * BLOCK_WORDS);
  }

  /** Adds an e-mail. Returns whether it, or one with the same bits, may have been added before. */
  add({ hash, otherHash }: Pick<EmailKey, 'hash' | 'otherHash'>): boolean {
    const words = this.#words;
    const block = (hash & this.#mask) * BLOCK_WORDS;
    let bits = otherHash;
    // Odd, so that the six places in a block of 512 bits are all different.
    const step = ((hash >>> 20) ^ (otherHash >>> 9)) | 1;
    let before = true;
    for (let probe = 0; probe < PROBES; probe++) {
      const place = bits & 0x1ff;
      const word = block + (place >>> 5);
      const bit = 1 << (place & 31);
      if ((words[word]! & bit) === 0) {
        before = false;
        words[word]! |= bit;
      }
      bits = (bits + step) | 0;
    }
    return before;
  }
}
