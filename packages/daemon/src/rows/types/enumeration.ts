/** The rule of an enum: exactly one of its labels. */
import { sameBytes } from '../sameBytes.js';
import { copyBytes } from './text.js';
import { DOUBT, type TypeRule } from './typeRule.js';

/** @param labels from pg_enum; there should be a few dozen at most, because they are compared one after the other */
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
