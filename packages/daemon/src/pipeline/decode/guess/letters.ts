/** Judges how well the letters of single-byte encodings fit together, by the habits of languages. */
import { textIn } from '../codec.js';
import type { Encoding } from '../encodings.js';
import { type Language, LETTER_MODELS } from './letterModels.js';
import { EDGE } from './wordSample.js';

/** Costs are surprise in nats: the negative logarithm of a probability. */
const BIT = Math.LN2;
/** A byte that the encoding does not define, or that is a control character. */
const NO_TEXT = 20;
/**
 * Symbols that names and addresses do not contain (¤ ¦ ¬ ± ¶ ╗), and signs that they may contain (quotes, dashes, €,
 * №).
 */
const SYMBOL = 11;
const SIGN = 5;
/** A sign in an unusual place. Most signs do not directly follow a letter, or directly precede one, or start a word. */
const SIGN_IN_WORD = 5;
/** A letter of a language next to an unusual neighbour, and a letter of another language. */
const UNUSUAL_PLACE = 7.6;
const FOREIGN = 10.4;
/** Letters of two scripts next to each other. */
const MIXED_SCRIPTS = 12;
/** A capital letter directly after a small one. */
const CAPITAL_INSIDE = 6;

const SIGNS = '’‘“”„‚«»‹›–—…•·€£§°ºª№®©™´`¡¿\u00a0';
const BEHIND_LETTERS = '’”»›…°ºª®™–—\u00a0';
/** Small letters that an ordinal sign may follow in Spanish, Portuguese and Italian: `Srª`, `Profª`, `nº`, `Esqº`. */
const ORDINALS = 'dfglmnqrtv';
const BEFORE_LETTERS = '‘“„‚«‹–—¡¿\u00a0';

/** Words as pairs of adjacent characters, at least one of which is not ASCII. */
export interface PairedWords {
  /** Different pairs, each as first byte × 256 + second byte. */
  pairs: number[];
  /** For each word, indexes into `pairs`. */
  words: number[][];
}

/** Splits words into pairs. A character at the edge of a word forms a pair with EDGE. */
export function pairsOf(words: readonly Uint8Array[]): PairedWords {
  const places = new Map<number, number>();
  const cut = words.map((word) => {
    const found: number[] = [];
    for (let at = 0; at <= word.length; at++) {
      const one = at === 0 ? EDGE : word[at - 1]!;
      const other = at === word.length ? EDGE : word[at]!;
      if (one < 0x80 && other < 0x80) continue;
      const pair = one * 256 + other;
      const place = places.get(pair) ?? places.size;
      places.set(pair, place);
      found.push(place);
    }
    return found;
  });
  return { pairs: [...places.keys()], words: cut };
}

/** Returns the cost of each word in an encoding; each word may be in any of the languages. */
export function letterCosts(
  { pairs, words }: PairedWords,
  encoding: Encoding,
  languages: readonly Language[],
): number[] {
  const characters = charactersOf(encoding);
  const byLanguage = languages.map((language) => {
    const model = modelOf(language);
    return Float64Array.from(pairs, (pair) =>
      pairCost(characters[pair >> 8]!, characters[pair & 255]!, model),
    );
  });
  const share = Math.log(languages.length);
  return words.map((word) => {
    const costs = byLanguage.map((costOf) => word.reduce((sum, pair) => sum + costOf[pair]!, 0));
    const least = Math.min(...costs);
    return least - Math.log(costs.reduce((sum, cost) => sum + Math.exp(least - cost), 0)) + share;
  });
}

interface Character {
  text: string;
  /** Its lowercase form; `_` if it is not a letter. */
  letter: string;
  high: boolean;
  capital: boolean;
  small: boolean;
  /** Its own cost, if it is not a letter. */
  cost: number;
}

/** Returns the character of each byte. */
function charactersOf(encoding: Encoding): Character[] {
  return Array.from({ length: 256 }, (_, byte) => {
    const text = textIn(Buffer.of(byte), encoding);
    const high = byte >= 0x80;
    const isLetter = /^[\p{L}\p{M}]$/u.test(text) && text !== 'ª' && text !== 'º';
    const small = text.toLowerCase();
    const letter = !isLetter ? '_' : small.length === 1 ? small : text;
    const isText = !/[\ufffd\p{Cc}\p{Co}]/u.test(text);
    const cost = !high || isLetter ? 0 : !isText ? NO_TEXT : SIGNS.includes(text) ? SIGN : SYMBOL;
    const capital = isLetter && small !== text;
    return { text, letter, high, capital, small: isLetter && text.toUpperCase() !== text, cost };
  });
}

/** Returns the cost of the second character after the first; at least one of them is not ASCII. */
function pairCost(one: Character, other: Character, model: Model): number {
  if (other.high && other.letter === '_')
    return other.cost + (standsBehind(one, other.text) ? 0 : SIGN_IN_WORD);
  if (one.high && one.letter === '_') {
    const sign = standsBefore(one.text, other) ? 0 : SIGN_IN_WORD;
    return sign + (other.high ? letterCost('_', other, other, model) : 0);
  }
  const inside = one.small && other.capital ? CAPITAL_INSIDE : 0;
  return inside + letterCost(one.letter, other, other.high ? other : one, model);
}

/** Whether a sign may follow a character: `Joe’s`, `d’Or`, `5°`, but not `Mar’a`. */
function standsBehind({ text, letter, small }: Character, sign: string): boolean {
  if (letter === '_') return /[0-9]/.test(text) || !'’”»›°ºª´'.includes(sign);
  // `Mª`, `nº`, `Dtº`: after other small letters it is more likely the ™ of Mac Roman.
  if (sign === 'ª' || sign === 'º') return !small || ORDINALS.includes(letter);
  return sign === '’' ? !small || 'dlntsue'.includes(letter) : BEHIND_LETTERS.includes(sign);
}

/** Whether a sign may precede a character: `“Acme`, `d’Or`, `O’Brien`, `Joe’s`, but not `L’via` or `Ver—nica`. */
function standsBefore(sign: string, { letter, small }: Character): boolean {
  if (letter === '_') return true;
  if (sign === '’') return !small || 'aeiouhst'.includes(letter) || letter > '\x7f';
  return '–—'.includes(sign) ? !small : BEFORE_LETTERS.includes(sign);
}

/** @param high the one of the two that is not ASCII */
function letterCost(
  one: string,
  other: Character,
  high: Character,
  { costs, letters, latin }: Model,
): number {
  const cost = costs.get(one + other.letter);
  if (cost !== undefined) return cost;
  const isAscii = (letter: string) => letter >= 'a' && letter <= 'z';
  if (!latin && (isAscii(one) || isAscii(other.letter))) return MIXED_SCRIPTS;
  return letters.has(high.letter) ? UNUSUAL_PLACE : FOREIGN;
}

interface Model {
  costs: Map<string, number>;
  /** The non-ASCII letters. */
  letters: Set<string>;
  latin: boolean;
}

const models = new Map<Language, Model>();

function modelOf(language: Language): Model {
  let model = models.get(language);
  if (model === undefined) {
    model = { costs: new Map(), letters: new Set(), latin: /[a-z]/.test(LETTER_MODELS[language]) };
    for (const [one, ...followers] of LETTER_MODELS[language].split(' '))
      for (let at = 0; at < followers.length; at += 2) {
        const other = followers[at]!;
        // At least half a bit: it is never certain that a letter has only one possible neighbour.
        model.costs.set(one! + other, Math.max(0.5, Number(followers[at + 1])) * BIT);
        for (const letter of [one!, other]) if (letter > '\x7f') model.letters.add(letter);
      }
    models.set(language, model);
  }
  return model;
}
