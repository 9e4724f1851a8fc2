/**
 * Finds files that have empty fields with quotes and without. COPY, and the exports of other databases, write an empty text and NULL
 * like this.
 */
import { isQuotedEmpty } from '../../rows/quotedEmpty.js';
import type { HeaderParts } from '../header.js';
import type { Notice } from '../notice.js';
import type { Fields } from '../parse/fields.js';

export class EmptyFields {
  readonly #texts: readonly number[];
  readonly #named: number;
  #quoted = false;
  #bare = false;

  constructor({ quotedTexts = [], named }: HeaderParts) {
    this.#texts = quotedTexts;
    this.#named = named;
  }

  /** Whether nothing more can be found. */
  get settled(): boolean {
    return this.#texts.length === 0 || (this.#quoted && this.#bare);
  }

  add({ bytes, count, starts, ends }: Fields): void {
    const isQuoted = (position: number) => isQuotedEmpty(bytes, starts[position]!, ends[position]!);
    this.#quoted ||= this.#texts.some((position) => position < count && isQuoted(position));
    // Empty fields after the last name are not values.
    for (let position = 0; !this.#bare && position < Math.min(count, this.#named); position++)
      this.#bare = starts[position] === ends[position] && !isQuoted(position);
  }

  notices(): Notice[] {
    if (!this.#quoted || !this.#bare) return [];
    return [
      {
        assumed:
          '"" means no value, like an empty field without quotes; if it is an empty text, as COPY writes it, add --quoted-empty text',
        option: '--quoted-empty missing',
      },
    ];
  }
}
