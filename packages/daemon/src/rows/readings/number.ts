/**
 * Reads numbers with their own separators (Table Schema v2: decimalChar, groupChar, bareNumber). Groups have three
 * digits, and either all groups are separated or none: `1.234,56` and `1234,56`, but not `1.2.3` or `1.23,4`, which may
 * be a date or a typing error.
 */
import { DOUBT, isDigit } from '../types/typeRule.js';
import type { FormReader, Scratch } from './form.js';

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const LOWER_E = 0x65;

/** What may surround a number with `bareNumber: false`: letters, currencies, percent signs, dots after letters. */
const AROUND = String.raw`(?:[\p{L}\p{Sc}\p{Zs}%]|(?<=\p{L})\.(?=[\p{Zs}\p{Sc}]|$))*`;
const DRESSED = new RegExp(
  String.raw`^${AROUND}([+-]?)${AROUND}(?<!\p{L}[.,])(\d.*?|(?<!\p{L})[.,]\d.*?)${AROUND}$`,
  'u',
);

/** Maximum length, in bytes, of a number with text around it; the time for the search grows with the square of it. */
const LONGEST_DRESSED = 200;

interface Marks {
  decimal: string;
  group: string | undefined;
  bare: boolean;
}

export function numberForm({ decimal, group, bare }: Marks): FormReader {
  const decimalMark = Buffer.from(decimal);
  const groupMark = group === undefined ? undefined : Buffer.from(group);

  function rewrite(bytes: Uint8Array, start: number, end: number, out: Scratch): number {
    const to = out.makeRoom(end - start);
    let from = start;
    let at = 0;
    if (bytes[from] === MINUS || bytes[from] === PLUS) to[at++] = bytes[from++]!;
    const first = from;
    let digits = 0;
    let groups = 0;
    let inGroup = 0;
    for (; from < end; ) {
      const byte = bytes[from]!;
      if (isDigit(byte)) {
        to[at++] = byte;
        digits++;
        inGroup++;
        from++;
        continue;
      }
      if (groupMark === undefined || !standsAt(groupMark, bytes, from, end)) break;
      if (inGroup === 0 || inGroup > 3 || (groups > 0 && inGroup !== 3)) return DOUBT;
      groups++;
      inGroup = 0;
      from += groupMark.length;
    }
    if (groups > 0 && inGroup !== 3) return DOUBT;
    if (from < end && standsAt(decimalMark, bytes, from, end)) {
      to[at++] = DOT;
      from += decimalMark.length;
      for (; from < end && isDigit(bytes[from]); digits++) to[at++] = bytes[from++]!;
    }
    if (digits === 0 || from === first) return DOUBT;
    return from === end ? at : exponent(bytes, from, end, to, at);
  }

  return {
    rewrite(bytes, start, end, out) {
      if (bare) return rewrite(bytes, start, end, out);
      const length = rewrite(bytes, startOfNumber(bytes, start, end), endOfNumber(bytes, start, end), out);
      if (length !== DOUBT || end - start > LONGEST_DRESSED) return length;
      const match = DRESSED.exec(Buffer.from(bytes.subarray(start, end)).toString('utf8'));
      if (!match) return DOUBT;
      const [, sign, number] = match;
      const value = Buffer.from(sign! + number!);
      return rewrite(value, 0, value.length, out);
    },
    fault: (value) => ({
      code: 'not_in_number_format',
      params: group === undefined ? { value, decimal } : { value, decimal, group },
    }),
  };
}

/** Reads `e`, an optional sign and digits, to the end of the text. */
function exponent(bytes: Uint8Array, start: number, end: number, to: Uint8Array, length: number): number {
  let from = start;
  let at = length;
  if ((bytes[from]! | 0x20) !== LOWER_E) return DOUBT;
  to[at++] = LOWER_E;
  from++;
  if (bytes[from] === MINUS || bytes[from] === PLUS) to[at++] = bytes[from++]!;
  if (from === end) return DOUBT;
  for (; from < end; from++) {
    if (!isDigit(bytes[from])) return DOUBT;
    to[at++] = bytes[from]!;
  }
  return at;
}

function standsAt(mark: Uint8Array, bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at] !== mark[0] || at + mark.length > end) return false;
  for (let each = 1; each < mark.length; each++) if (bytes[at + each] !== mark[each]) return false;
  return true;
}

const SPACE = 0x20;
const DOLLAR = 0x24;
const PERCENT = 0x25;
/** In UTF-8: `C2 A0` is a no-break space, `C2 A3` £, `C2 A5` ¥, `E2 82 AC` €. */
const isCommon = (byte: number) => byte === SPACE || byte === DOLLAR || byte === PERCENT;
const isSecond = (byte: number) => byte === 0xa0 || byte === 0xa3 || byte === 0xa5;

/** Skips the most common text before a number. DRESSED handles everything else, but takes 1.5 µs. */
function startOfNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    if (isCommon(bytes[at]!)) at++;
    else if (bytes[at] === 0xc2 && isSecond(bytes[at + 1]!)) at += 2;
    else if (bytes[at] === 0xe2 && bytes[at + 1] === 0x82 && bytes[at + 2] === 0xac) at += 3;
    else break;
  }
  return at;
}

function endOfNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start) {
    if (isCommon(bytes[at - 1]!)) at--;
    else if (isSecond(bytes[at - 1]!) && bytes[at - 2] === 0xc2) at -= 2;
    else if (bytes[at - 1] === 0xac && bytes[at - 2] === 0x82 && bytes[at - 3] === 0xe2) at -= 3;
    else break;
  }
  return at;
}
