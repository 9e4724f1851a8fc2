import type { Fields } from '../../../src/pipeline/parse/fields.js';
import { isQuotedEmpty } from '../../../src/rows/quotedEmpty.js';

/** Returns the positions of a record's empty fields that have quotes in the file. */
export function quotedEmpties({ bytes, count, starts, ends }: Fields): number[] {
  return Array.from({ length: count }, (_, at) => at).filter((at) =>
    isQuotedEmpty(bytes, starts[at]!, ends[at]!),
  );
}
