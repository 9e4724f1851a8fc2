/**
 * The rule of boolean: the words that PostgreSQL accepts (manual, section 8.6), in any case, but not their prefixes.
 */
import { BOOLEAN } from './kernelKinds.js';
import { DOUBT, type TypeRule } from './typeRule.js';

const WORDS: readonly (readonly [string, number])[] = [
  ['true', 1],
  ['t', 1],
  ['yes', 1],
  ['y', 1],
  ['on', 1],
  ['1', 1],
  ['false', 0],
  ['f', 0],
  ['no', 0],
  ['n', 0],
  ['off', 0],
  ['0', 0],
];

/** Values by the letters of their words as one number: at most five letters, 40 bits. */
const VALUES = new Map(WORDS.map(([word, value]) => [lettersOf(Buffer.from(word), 0, word.length), value]));

function lettersOf(bytes: Uint8Array, start: number, end: number): number {
  let letters = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    letters = letters * 256 + (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
  }
  return letters;
}

export const booleanRule: TypeRule = {
  trims: true,
  kernel: { kind: BOOLEAN },
  judge(value) {
    const bytes = Buffer.from(value);
    const known = bytes.length <= 5 && VALUES.has(lettersOf(bytes, 0, bytes.length));
    return known ? undefined : { code: 'not_a_boolean', params: { value } };
  },
  write(bytes, start, end, out, at) {
    if (end - start > 5) return DOUBT;
    const value = VALUES.get(lettersOf(bytes, start, end));
    if (value === undefined) return DOUBT;
    out.setUint8(at, value);
    return at + 1;
  },
};
