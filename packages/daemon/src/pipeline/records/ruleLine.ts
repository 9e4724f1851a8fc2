/**
 * First lines that are not records: the rule that listings and database clients draw under a header (`----|----`,
 * `---+---`), and the line that gives Excel the delimiter.
 */
import type { Cutter } from './cutter.js';

const MARKS = new Set([...'-=+_| \t'].map((mark) => mark.charCodeAt(0)));
const DASHES = new Set([...'-='].map((mark) => mark.charCodeAt(0)));
/** One or two dashes may stand for a missing value. */
const LEAST = 3;

/** Returns whether a record has only dashes, some of them in a row, and characters that may stand between them. */
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
