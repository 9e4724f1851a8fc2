/** Collects what is known about a column's values: counts, and the first value of each kind. Its size is bounded. */
import { valueEnd, valueStart } from '../blanks.js';
import { kindOf, localKindOf } from './classify.js';
import { has, KINDS, OTHER } from './kinds.js';
import { shownValue } from './shownValue.js';
import type { ValueReading } from './valueReading.js';

/** Maximum length, in bytes, of a word that may mean a missing value. */
const LONGEST_WORD = 20;

/** A value, and the physical line where its record starts. */
export interface SeenValue {
  line: number;
  /** Truncated by shownValue. */
  value: string;
}

export class ColumnSurvey {
  /** Number of values of each kind. */
  readonly counts = new Float64Array(KINDS);
  /** The kinds seen so far, as bits. */
  kinds = 0;
  /** The first value of each kind. */
  readonly first: (SeenValue | undefined)[] = [];
  /** All values of the kind OTHER are the same text, which may mean a missing value, such as NULL. */
  oneOther = true;
  #other: Buffer | undefined;
  /** Number of empty fields, and of those with a word that means a missing value. */
  empty = 0;
  /** Number of fields with only blanks: NULL for all types except text. */
  blank = 0;
  /** The lines of the first of each; 0 if there are none. */
  firstEmpty = 0;
  firstBlank = 0;
  readonly #reading: ValueReading | undefined;

  /** @param reading how to read the values, by a spec; default: unchanged */
  constructor(reading?: ValueReading) {
    this.#reading = reading;
  }

  /** Adds the field from `start` to `end`. */
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
    // Takes longer, and adds nothing once the column is clearly text.
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

  /** Number of fields with a value. */
  get values(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}
