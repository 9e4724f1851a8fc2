/**
 * Finds texts that occur more than once, exactly and in bounded memory. A first pass asks the load's Bloom filter and
 * keeps only the texts that may have occurred before. A second pass notes the row that has taken each of those.
 *
 * Memory: the filter (at most 64 MiB), and about 150 bytes for each different text that occurs more than once, or that
 * the filter wrongly takes for one: 0.2% of the others, up to 33 million texts.
 */

import { type EmailKey, emailKey } from '../batch/emailKey.js';
import { KeyFilter } from '../batch/keyFilter.js';

/** Maximum number of texts kept, about 1.2 GB; a Map holds at most 16.7 million. */
export const MOST_KEPT = 8_000_000;
/** Maximum number of characters in them, because the values of a key may be long. */
const MOST_CHARACTERS = 512 * 1024 * 1024;

export class RepeatedTexts {
  readonly #filter: KeyFilter;
  readonly #key: EmailKey = { hash: 0, otherHash: 0, order: 0 };
  readonly #most: number;
  /** The row that has taken each text; 0 until the second pass reaches it. */
  readonly #rows = new Map<string, number>();
  #characters = 0;

  /**
   * @param expected approximate number of texts
   * @param most maximum number of texts to keep
   */
  constructor(expected: number, most = MOST_KEPT) {
    this.#filter = new KeyFilter(expected);
    this.#most = most;
  }

  /** First pass. Returns false if the text must be kept and there is no room left. */
  meet(text: string): boolean {
    const bytes = Buffer.from(text);
    emailKey(bytes, 0, bytes.length, this.#key);
    if (!this.#filter.add(this.#key) || this.#rows.has(text)) return true;
    if (this.#rows.size >= this.#most || this.#characters + text.length > MOST_CHARACTERS) return false;
    this.#rows.set(text, 0);
    this.#characters += text.length;
    return true;
  }

  /** Whether the first pass found no repeated text. */
  get none(): boolean {
    return this.#rows.size === 0;
  }

  /** Second pass: returns the row that has taken a text, if any. */
  takenBy(text: string): number | undefined {
    return this.#rows.get(text) || undefined;
  }

  /** Second pass: a row takes a text. Texts that occur only once are not stored. */
  take(text: string, rowNumber: number): void {
    if (this.#rows.has(text)) this.#rows.set(text, rowNumber);
  }
}
