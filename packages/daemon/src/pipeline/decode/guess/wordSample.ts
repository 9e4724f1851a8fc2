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
  readonly #word = Buffer.alloc(MOST_BYTES);
  #length = 0;
  #high = false;

  /** Takes the next bytes; keeps none of them but words. */
  add(chunk: Uint8Array): void {
    if (isAscii(chunk)) this.#passAscii(chunk);
    else for (let at = 0; at < chunk.length; at++) this.#step(chunk[at]!, this.#base + at);
    this.#base += chunk.length;
  }

  /** All different words that were kept, in the order in which they came. */
  words(): Buffer[] {
    this.#endWord();
    return [...this.#kept.keys()].map((word) => Buffer.from(word, 'latin1'));
  }

  /** The word at hand ends in the chunk, and perhaps another starts at its end. */
  #passAscii(chunk: Uint8Array): void {
    let from = chunk.length;
    while (from > 0 && IS_PART[chunk[from - 1]!] === 1) from--;
    let at = 0;
    if (this.#high) while (at < from && IS_PART[chunk[at]!] === 1) this.#step(chunk[at]!, this.#base + at++);
    if (at < chunk.length && from > 0) this.#endWord();
    for (at = Math.max(at, from); at < chunk.length; at++) this.#step(chunk[at]!, this.#base + at);
  }

  #step(byte: number, offset: number): void {
    if (IS_PART[byte] === 0) {
      if (this.#length > 0) this.#endWord();
      return;
    }
    if (byte >= 0x80) {
      this.#high = true;
      if (!this.offsets.has(byte)) this.offsets.set(byte, offset);
    }
    if (this.#length < MOST_BYTES) this.#word[this.#length++] = byte;
  }

  #endWord(): void {
    if (this.#high) this.#keep();
    this.#length = 0;
    this.#high = false;
  }

  #keep(): void {
    let hash = 0;
    for (let at = 0; at < this.#length; at++) hash = (Math.imul(hash, 31) + this.#word[at]!) | 0;
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 12;
    if (this.first.length < SHOWN) {
      const word = Buffer.from(this.#word.subarray(0, this.#length));
      if (!this.first.some((other) => other.equals(word))) this.first.push(word);
    }
    if ((hash & this.#mask) !== 0) return;
    this.#kept.set(this.#word.toString('latin1', 0, this.#length), hash);
    if (this.#kept.size <= MOST_WORDS) return;
    this.#mask = this.#mask * 2 + 1;
    for (const [word, its] of this.#kept) if ((its & this.#mask) !== 0) this.#kept.delete(word);
  }
}

const IS_PART = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 || (byte >= 0x30 && byte <= 0x39) || (byte >= 0x40 && byte < 0x7f) ? 1 : 0,
);
