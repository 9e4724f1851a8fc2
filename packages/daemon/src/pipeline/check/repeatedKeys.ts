/**
 * Finds records that repeat a unique key of an earlier record that was not rejected, as a load into an empty table
 * would.
 */
import type { TargetReason } from '@csvjobs/shared';
import type { FileKey } from '../keys/fileKeys.js';
import { RepeatedTexts } from './repeatedTexts.js';

/** Returns the text that a record stores in a column, by its index in the plan; null for NULL. */
export type ValueAt = (at: number) => string | null;

export class RepeatedKeys {
  readonly #keys: readonly FileKey[];
  readonly #texts: RepeatedTexts;
  /** There are more repeated keys than can be kept, so none are searched for. */
  tooMany = false;

  /**
   * @param records number of records
   * @param most maximum number of keys to keep
   */
  constructor(keys: readonly FileKey[], records: number, most?: number) {
    this.#keys = keys;
    this.#texts = new RepeatedTexts(records * keys.length, most);
  }

  /** First pass: takes each record without faults. */
  meet(value: ValueAt): void {
    for (const text of this.#textsOf(value))
      if (text !== undefined && !this.#texts.meet(text)) this.tooMany = true;
  }

  /**
   * Second pass, in file order: returns why a record without faults is a duplicate, by the first key that it repeats. A
   * record that is not a duplicate takes all its keys.
   */
  reasonFor(value: ValueAt, rowNumber: number): TargetReason | undefined {
    if (this.tooMany || this.#texts.none) return undefined;
    const texts = this.#textsOf(value);
    for (const [at, text] of texts.entries()) {
      const row = text === undefined ? undefined : this.#texts.takenBy(text);
      if (row !== undefined) return duplicate(this.#keys[at]!, value, row);
    }
    for (const text of texts) if (text !== undefined) this.#texts.take(text, rowNumber);
    return undefined;
  }

  /** Returns a text for each key, equal if the keys are equal; undefined if the key does not apply to the record. */
  #textsOf(value: ValueAt): (string | undefined)[] {
    return this.#keys.map(({ parts, nullsNotDistinct }, place) => {
      const texts = parts.map(({ at, text: { shown, compared } }) => {
        const text = value(at);
        if (text === null) return undefined;
        return compared ? compared(shown(text)) : shown(text);
      });
      if (!nullsNotDistinct && texts.includes(undefined)) return undefined;
      // No value contains NUL.
      return [place, ...texts.map((text) => (text === undefined ? '' : `=${text}`))].join('\0');
    });
  }
}

function duplicate({ name, parts, columns }: FileKey, value: ValueAt, row: number): TargetReason {
  const shown = parts.map(({ column, at, text }) => {
    const found = value(at);
    return `${column}=${found === null ? 'NULL' : text.shown(found)}`;
  });
  const [only, ...more] = columns;
  return {
    code: 'duplicate_in_file',
    ...(more.length === 0 && { column: only! }),
    params: { row, key: shown.join(', '), constraint: name },
  };
}
