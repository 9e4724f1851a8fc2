/** Judges how well bytes fit together as text in the multi-byte encodings of East Asia. */
import { textIn } from '../codec.js';
import type { Encoding } from '../encodings.js';
import { JAPANESE, KOREAN, SIMPLIFIED_CHINESE, TRADITIONAL_CHINESE } from './commonCharacters.js';
import { MOST_BYTES } from './wordSample.js';

/**
 * Costs are surprise in nats. About two in three characters of names and addresses are in the lists of common ones (258
 * to 560 characters). Nearly all others are in the first part of the standard, which is in order of their reading
 * (3,755 characters of GB 2312, 5,401 of Big5, 2,965 of JIS X 0208, 2,350 Hangul).
 */
const COMMON = 6.4;
const EVERYDAY = 9.3;
const RARE = 13;
const KANA = 4.5;
const HALF_WIDTH = 6.4;
const FULL_WIDTH = 6.4;
const OTHER_SCRIPT = 10.4;
/** Bytes that are not a character, and half a character at the end of a word. */
const NO_CHARACTER = 14;
/** A Latin letter next to one of these letters, and next to one of their signs. */
const BESIDE_LATIN = 10;
const SIGN_BESIDE_LATIN = 5;

interface Writing {
  common: Set<string>;
  /** First and last lead byte of the everyday characters; their second bytes start at `trail`. */
  leads: [number, number];
  trail: number;
  kana: boolean;
}

const japanese = { common: new Set(JAPANESE), kana: true };
const WRITINGS = {
  gb18030: { common: new Set(SIMPLIFIED_CHINESE), leads: [0xb0, 0xd7], trail: 0xa1, kana: false },
  big5: { common: new Set(TRADITIONAL_CHINESE), leads: [0xa4, 0xc6], trail: 0x40, kana: false },
  'euc-kr': { common: new Set(KOREAN), leads: [0xb0, 0xc8], trail: 0xa1, kana: false },
  shift_jis: { ...japanese, leads: [0x88, 0x97], trail: 0x40 },
  'euc-jp': { ...japanese, leads: [0xb0, 0xcf], trail: 0xa1 },
} satisfies Partial<Record<Encoding, Writing>>;

export type EastAsian = keyof typeof WRITINGS;

export function isEastAsian(encoding: Encoding): encoding is EastAsian {
  return Object.hasOwn(WRITINGS, encoding);
}

/** Latin letters with diacritics, and no other characters. */
const MARKED_LATIN = /^(?:(?![a-z])\p{Script=Latin})+$/iu;

/**
 * Returns the East Asian encoding that is more likely than UTF-8 for words that happen to be valid UTF-8: `치` in EUC-KR
 * is `ġ` in UTF-8. Requires that every word has only Latin letters with diacritics in UTF-8, and only common characters
 * in that encoding.
 */
export function eastAsianForUtf8(words: readonly Buffer[]): EastAsian | undefined {
  if (words.length === 0 || !words.every((word) => MARKED_LATIN.test(word.toString('utf8'))))
    return undefined;
  return (Object.keys(WRITINGS) as EastAsian[]).find((encoding) =>
    words.every((word) => [...textIn(word, encoding)].every((each) => WRITINGS[encoding].common.has(each))),
  );
}

/** Returns the cost of each word in an encoding, and its number of non-ASCII characters. */
export function characterCosts(
  words: readonly Buffer[],
  encoding: EastAsian,
): { cost: number; characters: number }[] {
  const writing: Writing = WRITINGS[encoding];
  const everyday = everydayOf(encoding);
  return words.map((word) => {
    let text = textIn(word, encoding);
    // A truncated word may end in half a character.
    if (word.length === MOST_BYTES && text.endsWith('\ufffd')) text = text.slice(0, -1);
    let cost = 0;
    let characters = 0;
    let before = '';
    for (const character of text) {
      if (character > '\x7f') {
        characters++;
        cost += costOf(character, writing, everyday);
      }
      const other = isLatin(before) ? character : isLatin(character) ? before : '';
      if (other > '\x7f') cost += /\p{L}/u.test(other) ? BESIDE_LATIN : SIGN_BESIDE_LATIN;
      before = character;
    }
    return { cost, characters };
  });
}

function isLatin(character: string): boolean {
  return /^[a-z]$/i.test(character);
}

function costOf(character: string, { common, kana }: Writing, everyday: ReadonlySet<string>): number {
  if (/[\ufffd\p{Cc}\p{Co}\p{Cn}]/u.test(character)) return NO_CHARACTER;
  if (common.has(character)) return COMMON;
  if (everyday.has(character)) return EVERYDAY;
  if (/[\u3041-\u30fe]/.test(character)) return kana ? KANA : OTHER_SCRIPT;
  if (/[\uff61-\uff9f]/.test(character)) return HALF_WIDTH;
  if (/[\u3000-\u303f\uff01-\uff60\u2010-\u2026]/.test(character)) return FULL_WIDTH;
  return /[\p{Script=Han}\p{Script=Hangul}]/u.test(character) ? RARE : OTHER_SCRIPT;
}

const everydaySets = new Map<EastAsian, ReadonlySet<string>>();

function everydayOf(encoding: EastAsian): ReadonlySet<string> {
  let found = everydaySets.get(encoding);
  if (found === undefined) {
    const { leads, trail } = WRITINGS[encoding];
    const bytes: number[] = [];
    for (let lead = leads[0]!; lead <= leads[1]!; lead++)
      for (let second = trail; second < 0xff; second++) if (second !== 0x7f) bytes.push(lead, second);
    found = new Set(textIn(Buffer.from(bytes), encoding));
    everydaySets.set(encoding, found);
  }
  return found;
}
