/** Arrays for PostgreSQL. */
import type { PayloadMemory } from './memory.js';

const BIGINT = 20;
const HEADER_BYTES = 20;
const ELEMENT_BYTES = 12;

/**
 * Whole numbers as a `bigint[]` in PostgreSQL's binary form (array_send in its source: dimensions, a flag for NULLs, the
 * element's type, length and lower bound; then each element behind its length). As text it would be made on the main
 * thread, 4 ms a batch in which the API does not answer.
 */
export function bigintArray(numbers: Uint32Array, memory: PayloadMemory): Uint8Array {
  const bytes = memory.take(HEADER_BYTES + numbers.length * ELEMENT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 1);
  view.setInt32(4, 0);
  view.setInt32(8, BIGINT);
  view.setInt32(12, numbers.length);
  view.setInt32(16, 1);
  for (let index = 0; index < numbers.length; index++) {
    const at = HEADER_BYTES + index * ELEMENT_BYTES;
    view.setInt32(at, 8);
    view.setInt32(at + 4, 0);
    view.setUint32(at + 8, numbers[index]!);
  }
  return bytes;
}
