/** An enum: one of its labels, to the letter. */
import { sameBytes } from '../sameBytes.js';
import { copyBytes } from './text.js';
import { DOUBT, type TypeRule } from './typeRule.js';

/** @param labels as pg_enum has them, some dozens at most: they are compared one after the other */
export function enumRule(labels: readonly string[]): TypeRule {
  const known = labels.map((label) => Buffer.from(label));
  return {
    trims: false,
    judge: (value) =>
      labels.includes(value) ? undefined : { code: 'not_in_list', params: { value, allowed: labels } },
    write(bytes, start, end, out, at) {
      for (const label of known)
        if (sameBytes(label, bytes, start, end)) return copyBytes(bytes, start, end, out, at);
      return DOUBT;
    },
  };
}
