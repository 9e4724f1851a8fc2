/** How a spec reads the values of all columns, before the columns have types. */
import type { Spec } from '@csvjobs/shared';
import { type FormReader, Scratch } from '../readings/form.js';
import { type IsMissing, missingWords } from '../readings/missing.js';
import { numberForm } from '../readings/number.js';
import { specMissingWords } from '../readings/planReading.js';
import { DOUBT } from '../types/typeRule.js';
import { kindOf } from './classify.js';
import { DECIMAL, FLOAT, LOCAL_NUMBER, LONG_DECIMAL, LONG_FLOAT, POINT_NUMBER } from './kinds.js';

export interface ValueReading {
  /** Recognizes words that mean a missing value. */
  isMissing: IsMissing;
  /** Returns the kind of a non-empty value without blanks around it, like `kindOf`. */
  kindOf(bytes: Buffer, start: number, end: number): number;
}

/** Numbers with a decimal point, which are not valid if a spec declares other separators. */
const WITH_POINT: readonly number[] = [DECIMAL, LONG_DECIMAL, FLOAT, LONG_FLOAT, POINT_NUMBER];

/** Returns undefined if the spec does not say how to read values. */
export function valueReading(spec: Spec | undefined): ValueReading | undefined {
  const words = specMissingWords(undefined, spec);
  const { decimalChar, groupChar } = spec?.csvjobs ?? {};
  const hasMarks = decimalChar !== undefined || groupChar !== undefined;
  if (!hasMarks && words.every((word) => word === '')) return undefined;
  return {
    isMissing: missingWords(words),
    kindOf: hasMarks ? kindWith(decimalChar ?? '.', groupChar) : kindOf,
  };
}

function kindWith(decimal: string, group: string | undefined): ValueReading['kindOf'] {
  const form: FormReader = numberForm({ decimal, group, bare: true });
  const scratch = new Scratch();
  return (bytes, start, end) => {
    const length = form.rewrite(bytes, start, end, scratch);
    if (length !== DOUBT) {
      const { buffer, byteOffset } = scratch.bytes;
      const kind = kindOf(Buffer.from(buffer, byteOffset, length), 0, length);
      // The spec says what its point is.
      return kind === POINT_NUMBER ? DECIMAL : kind;
    }
    const kind = kindOf(bytes, start, end);
    return WITH_POINT.includes(kind) ? LOCAL_NUMBER : kind;
  };
}
