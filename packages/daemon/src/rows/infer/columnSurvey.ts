/** What is known of a column's values while they come: counts, and the first of each kind. Its size is bounded. */
import { valueEnd, valueStart } from '../blanks.js';
import { kindOf, localKindOf } from './classify.js';
import { has, KINDS, OTHER } from './kinds.js';
import { shownValue } from './shownValue.js';
import type { ValueReading } from './valueReading.js';

/** A word for no value has no more bytes. */
const LONGEST_WORD = 20;

/** A value and the physical line on which its record starts. */
export interface SeenValue {
  line: number;
  /** As shownValue cuts it. */
  value: string;
}

export class ColumnSurvey {
  /** How many values have each kind. */
  readonly counts = new Float64Array(KINDS);
  /** The kinds that were seen, as bits. */
  kinds = 0;
  /** The first value of each kind. */
  readonly first: (SeenValue | undefined)[] = [];
  /** All values of the kind OTHER are the same text: a word for no value, such as NULL. */
  oneOther = true;
  #other: Buffer | undefined;
  /** Fields without a byte, and those with a word that means no value. */
  empty = 0;
  /** Fields of blanks alone: NULL for all types but text. */
  blank = 0;
  /** The lines of the first of each; 0 for none. */
  firstEmpty = 0;
  firstBlank = 0;
  readonly #reading: ValueReading | undefined;

  /** @param reading how a spec reads the values; as they stand where it says nothing */
  constructor(reading?: ValueReading) {
    this.#reading = reading;
  }

  /** Takes the field that stands at `start` to `end`. */
  add(bytes: Buffer, start: number, end: number, line: number): void {
    const from = valueStart(bytes, start, end);
    const to = valueEnd(bytes, from, end);
    const isMissing = from < to && this.#reading?.isMissing(bytes, from, to) === true;
    if (from === to || isMissing) {
      if (start === end || isMissing) {
        if (this.empty++ === 0) this.firstEmpty = line;
      } else if (this.blank++ === 0) this.firstBlank = line;
      return;
    }
    let kind = (this.#reading?.kindOf ?? kindOf)(bytes, from, to);
    // Takes longer, and says nothing more once the column is plainly text.
    if (kind === OTHER && !has(this.kinds, OTHER)) kind = localKindOf(bytes, from, to);
    if (kind === OTHER && this.oneOther) this.#compareOther(bytes, from, to);
    this.counts[kind]!++;
    const bit = 1 << kind;
    if ((this.kinds & bit) !== 0) return;
    this.kinds |= bit;
    this.first[kind] = { line, value: shownValue(bytes, start, end) };
  }

  #compareOther(bytes: Buffer, start: number, end: number): void {
    if (end - start > LONGEST_WORD) this.oneOther = false;
    else if (this.#other === undefined) this.#other = Buffer.from(bytes.subarray(start, end));
    else this.oneOther = this.#other.compare(bytes, start, end) === 0;
  }

  /** Fields with a value. */
  get values(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}
