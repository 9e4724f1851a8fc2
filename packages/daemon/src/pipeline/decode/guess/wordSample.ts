/** The words of a text that have bytes beyond ASCII, of which an encoding is guessed. */
import { isAscii } from 'node:buffer';

/** What stands before and behind each word: no letter in any encoding. */
export const EDGE = 0x20;
/** Longer words are cut. */
export const MOST_BYTES = 96;
/** How many different words are kept. */
const MOST_WORDS = 2_048;
/** How many of the first words are kept besides, to be shown. */
const SHOWN = 8;

/**
 * Takes all bytes of a text, in chunks of any size; the same sample however they are cut. Where a text has more different
 * words than are kept, those with certain hashes are: an even choice over all of the file, not its start.
 *
 * A word is what stands between two bytes that are no part of a character in any encoding that contains ASCII: white space,
 * controls and `!"#$%&'()*+,-./:;<=>?`. The second byte of a character may be any other.
 */
export class WordSample {
  /** The first words, in their order. */
  readonly first: Buffer[] = [];
  /** Which byte values occur, each with the offset of its first. */
  readonly offsets = new Map<number, number>();
  readonly #kept = new Map<string, number>();
  #mask = 0;
  #base = 0;
  /** The word at hand: its first MOST_BYTES, their hash, and whether it has bytes beyond ASCII. */
  readonly #word = Buffer.alloc(MOST_BYTES);
  #length = 0;
  #hash = 0;
  #high = false;
  readonly #seen = new Uint8Array(256);
  /** Hashes of the last words: most words come again and again, and are passed over by that. */
  readonly #last = new Int32Array(1 << 16);

  /** Takes the next bytes; keeps none of them but words. */
  add(chunk: Uint8Array): void {
    if (isAscii(chunk)) {
      const from = this.#passAscii(chunk);
      this.#scan(chunk, from, chunk.length);
    } else this.#scan(chunk, 0, chunk.length);
    this.#base += chunk.length;
  }

  /** All different words that were kept, in the order in which they came. */
  words(): Buffer[] {
    this.#endWord();
    return [...this.#kept.keys()].map((word) => Buffer.from(word, 'latin1'));
  }

  /** Ends the word at hand where it ends in the chunk; gives where the last word of the chunk starts. */
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
