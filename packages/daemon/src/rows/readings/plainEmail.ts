/**
 * Recognizes certainly valid e-mail addresses by their bytes: an ASCII subset of what `isEmail` in shared accepts.
 * Takes 0.04 µs per address, instead of 0.7 µs for a string and zod's pattern. A property test compares it with the
 * rule.
 */
import { MAX_EMAIL_LENGTH } from '@csvjobs/shared/reading';

const LETTER = 1;
const DIGIT = 2;
const HYPHEN = 4;
/** Characters for the local part only: `_` and `+`. The apostrophe, which must not end it, is left to the rule. */
const LOCAL = 8;
const DOT = 16;
const AT = 32;

const CLASS = new Uint8Array(256);
for (let byte = 0; byte < 26; byte++) {
  CLASS[0x41 + byte] = LETTER;
  CLASS[0x61 + byte] = LETTER;
}
for (let byte = 0x30; byte <= 0x39; byte++) CLASS[byte] = DIGIT;
CLASS[0x2d] = HYPHEN;
CLASS[0x5f] = LOCAL;
CLASS[0x2b] = LOCAL;
CLASS[0x2e] = DOT;
CLASS[0x40] = AT;

/** RFC 5321, section 4.5.3.1.1. */
const MAX_LOCAL_PART = 64;

/** Whether the bytes are certainly an e-mail address; if false, ask the rule. */
export function isPlainEmail(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > MAX_EMAIL_LENGTH) return false;
  let at = start;
  let labelStart = start;
  for (; at < end; at++) {
    const kind = CLASS[bytes[at]!]!;
    if ((kind & (LETTER | DIGIT | HYPHEN | LOCAL)) !== 0) continue;
    // No part before, between or after dots may be empty.
    if (at === labelStart) return false;
    if (kind === AT) break;
    if (kind !== DOT) return false;
    labelStart = at + 1;
  }
  if (at >= end || at - start > MAX_LOCAL_PART) return false;

  labelStart = at + 1;
  let dots = 0;
  let lettersOnly = true;
  for (at = labelStart; at < end; at++) {
    const kind = CLASS[bytes[at]!]!;
    if (kind === LETTER) continue;
    if (kind === DOT) {
      if (at === labelStart) return false;
      dots++;
      labelStart = at + 1;
      lettersOnly = true;
      continue;
    }
    if (kind !== DIGIT && (kind !== HYPHEN || at === labelStart)) return false;
    lettersOnly = false;
  }
  return dots > 0 && lettersOnly && end - labelStart >= 2;
}
