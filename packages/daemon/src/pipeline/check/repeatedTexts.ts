/**
 * Which texts come again, exactly and in bounded memory: a first pass asks the Bloom filter of the load and keeps only the
 * texts that it may have met before; a second pass notes the row that has taken each of those.
 *
 * Memory: the filter (64 MiB at most) and some 150 bytes for each different text that comes more than once, or that the
 * filter takes for one: 0.2 % of the others, up to 33 million texts.
 */

import { type EmailKey, emailKey } from '../batch/emailKey.js';
import { KeyFilter } from '../batch/keyFilter.js';

/** At most this many texts are kept, some 1.2 GB; a Map holds no more than 16.7 million. */
export const MOST_KEPT = 8_000_000;
/** And this many characters of them: the values of a key may be long. */
const MOST_CHARACTERS = 512 * 1024 * 1024;

export class RepeatedTexts {
  readonly #filter: KeyFilter;
  readonly #key: EmailKey = { hash: 0, otherHash: 0, order: 0 };
  readonly #most: number;
  /** The row that has taken each text; 0 until the second pass has come to it. */
  readonly #rows = new Map<string, number>();
  #characters = 0;

  /**
   * @param expected how many texts will come, about
   * @param most how many are kept
   */
  constructor(expected: number, most = MOST_KEPT) {
    this.#filter = new KeyFilter(expected);
    this.#most = most;
  }

  /** The first pass. Returns false where the text would have to be kept and there is no more room. */
  meet(text: string): boolean {
    const bytes = Buffer.from(text);
    emailKey(bytes, 0, bytes.length, this.#key);
    if (!this.#filter.add(this.#key) || this.#rows.has(text)) return true;
    if (this.#rows.size >= this.#most || this.#characters + text.length > MOST_CHARACTERS) return false;
    this.#rows.set(text, 0);
    this.#characters += text.length;
    return true;
  }

  /** Whether the first pass has found none. */
  get none(): boolean {
    return this.#rows.size === 0;
  }

  /** The second pass: the row that has taken a text, where one has. */
  takenBy(text: string): number | undefined {
    return this.#rows.get(text) || undefined;
  }

  /** The second pass: a row takes a text. Of those that come once nothing is kept. */
  take(text: string, rowNumber: number): void {
    if (this.#rows.has(text)) this.#rows.set(text, rowNumber);
  }
}
