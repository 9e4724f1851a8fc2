/** Collects the words of a text that have non-ASCII bytes, to guess its encoding. */
import { isAscii } from 'node:buffer';

/** The byte before and after each word: not a letter in any encoding. */
export const EDGE = 0x20;
/** Longer words are truncated. */
export const MOST_BYTES = 96;
/** Maximum number of different words to keep. */
const MOST_WORDS = 2_048;
/** Number of first words to keep in addition, for messages. */
const SHOWN = 8;

/**
 * Takes all bytes of a text, in chunks of any size; the sample does not depend on where chunks end. If a text has more
 * different words than it can keep, it keeps those with certain hashes: a choice spread evenly over the file, not only
 * from its start.
 *
 * A word is delimited by bytes that are never part of a multi-byte character in any encoding that contains ASCII: white
 * space, controls and `!"#$%&'()*+,-./:;<=>?`. Any other byte may be the second byte of a character.
 */
export class WordSample {
  /** The first words, in order. */
  readonly first: Buffer[] = [];
  /** The non-ASCII byte values that occur, each with the offset of its first occurrence. */
  readonly offsets = new Map<number, number>();
  readonly #kept = new Map<string, number>();
  #mask = 0;
  #base = 0;
  /** The current word: its first MOST_BYTES, their hash, and whether it has non-ASCII bytes. */
  readonly #word = Buffer.alloc(MOST_BYTES);
  #length = 0;
  #hash = 0;
  #high = false;
  readonly #seen = new Uint8Array(256);
  /** Hashes of recent words, to skip the many that repeat. */
  readonly #last = new Int32Array(1 << 16);

  /** Takes the next bytes; keeps only words. */
  add(chunk: Uint8Array): void {
    if (isAscii(chunk)) {
      const from = this.#passAscii(chunk);
      this.#scan(chunk, from, chunk.length);
    } else this.#scan(chunk, 0, chunk.length);
    this.#base += chunk.length;
  }

  /** Returns all different words kept, in the order in which they occurred. */
  words(): Buffer[] {
    this.#endWord();
    return [...this.#kept.keys()].map((word) => Buffer.from(word, 'latin1'));
  }

  /** Ends the current word if it ends in the chunk. Returns where the last word of the chunk starts. */
  #passAscii(chunk: Uint8Array): number {
    let from = chunk.length;
    while (from > 0 && IS_PART[chunk[from - 1]!] === 1) from--;
    if (from === 0) return 0;
    let end = 0;
    if (this.#high) while (IS_PART[chunk[end]!] === 1) end++;
    this.#scan(chunk, 0, end);
    this.#endWord();
    return from;
  }

  #scan(chunk: Uint8Array, from: number, to: number): void {
    const word = this.#word;
    let length = this.#length;
    let hash = this.#hash;
    let high = this.#high;
    for (let at = from; at < to; at++) {
      const byte = chunk[at]!;
      if (IS_PART[byte] === 1) {
        if (byte >= 0x80) {
          high = true;
          if (this.#seen[byte] === 0) this.#see(byte, this.#base + at);
        }
        if (length < MOST_BYTES) {
          word[length++] = byte;
          hash = (Math.imul(hash, 31) + byte) | 0;
        }
        continue;
      }
      if (high) {
        this.#keep(length, hash);
        high = false;
      }
      length = 0;
      hash = 0;
    }
    this.#length = length;
    this.#hash = hash;
    this.#high = high;
  }

  #see(byte: number, offset: number): void {
    this.#seen[byte] = 1;
    this.offsets.set(byte, offset);
  }

  #endWord(): void {
    if (this.#high) this.#keep(this.#length, this.#hash);
    this.#length = 0;
    this.#hash = 0;
    this.#high = false;
  }

  #keep(length: number, hash: number): void {
    const place = (hash ^ (hash >>> 16)) & 0xffff;
    if (this.#last[place] === hash) return;
    this.#last[place] = hash;
    if (this.first.length < SHOWN) {
      const word = Buffer.from(this.#word.subarray(0, length));
      if (!this.first.some((other) => other.equals(word))) this.first.push(word);
    }
    const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    const key = mixed ^ (mixed >>> 12);
    if ((key & this.#mask) !== 0) return;
    this.#kept.set(this.#word.toString('latin1', 0, length), key);
    if (this.#kept.size <= MOST_WORDS) return;
    this.#mask = this.#mask * 2 + 1;
    for (const [word, its] of this.#kept) if ((its & this.#mask) !== 0) this.#kept.delete(word);
  }
}

const IS_PART = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 || (byte >= 0x30 && byte <= 0x39) || (byte >= 0x40 && byte < 0x7f) ? 1 : 0,
);
