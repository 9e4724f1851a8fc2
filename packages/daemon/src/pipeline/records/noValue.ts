/** Bytes that do not make a value. */
import { CR, LF, SPACE, TAB } from './bytes.js';

export function isAsciiBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === LF || byte === CR;
}
