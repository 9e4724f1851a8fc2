/**
 * First lines that are no records: the one that lists and the clients of databases draw under a header (`----|----`, `---+---`), and
 * the one by which Excel is told the delimiter.
 */
import type { Cutter } from './cutter.js';

const MARKS = new Set([...'-=+_| \t'].map((mark) => mark.charCodeAt(0)));
const DASHES = new Set([...'-='].map((mark) => mark.charCodeAt(0)));
/** Two may be what stands for no value. */
const LEAST = 3;

/** Whether a record has nothing but dashes, some of them in a row, and what may stand between them. */
export function isRuleLine(
  { bytes, start, end, fault }: Pick<Cutter, 'bytes' | 'start' | 'end' | 'fault'>,
  delimiter: string,
): boolean {
  if (fault !== undefined) return false;
  let inARow = 0;
  let most = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (!MARKS.has(byte) && !delimiter.includes(String.fromCharCode(byte))) return false;
    inARow = DASHES.has(byte) ? inARow + 1 : 0;
    most = Math.max(most, inARow);
  }
  return most >= LEAST;
}

/** `sep=;` */
export function isSepLine({ bytes, start, end }: Pick<Cutter, 'bytes' | 'start' | 'end'>): boolean {
  return end - start <= LONGEST_SEP && /^\s*"?sep=.{0,3}\s*$/iu.test(bytes.toString('utf8', start, end));
}

const LONGEST_SEP = 20;
