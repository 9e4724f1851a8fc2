/** Guesses the encoding of a file that is neither UTF-8 nor ASCII. */
import type { Encoding } from '../encodings.js';
import { isEastAsian } from './eastAsian.js';
import { type Reading, readingsOf, undefinedByte } from './judge.js';
import { shownWords } from './shownWords.js';
import type { WordSample } from './wordSample.js';

/** The most likely reading must be e^4 (55) times as likely as the next one that reads the file differently. */
const CLEAR = 4;
/** Maximum share of words that are not text in that reading. */
const ODD_WORDS = 0.2;
/** The second reading is also shown if its margin is smaller than this, because it is still possible. */
const THINKABLE = 8;

export interface Guess {
  /** Undefined if the words do not decide. */
  encoding: Encoding | undefined;
  /** The most likely encoding, even if the words do not decide. */
  likeliest: Encoding;
  /** Sample words as the likely encodings read them, for example `"Иван" (as windows-1252: "Èâàí")`. */
  words: string;
  /** A byte in the file that windows-1252 does not define, and the offset of its first occurrence. */
  undefined1252: { byte: number; offset: number } | undefined;
  /** The guess is a multi-byte encoding in which every word is text. */
  isEastAsianThroughout: boolean;
}

/** Guesses by the words of the whole file; see docs/decisions/0026-guessing-encodings.md for how reliable this is. */
export function guess(sample: WordSample): Guess {
  const [best, rival] = readingsOf(sample) as [Reading, Reading | undefined];
  const count = sample.words().length;
  const margin = rival === undefined ? Number.POSITIVE_INFINITY : rival.cost - best.cost;
  const isText = best.odd.length <= count * ODD_WORDS;
  const isClear = isText && margin >= CLEAR;
  const byte = undefinedByte('windows-1252', [...sample.offsets.keys()]);
  // Starts with a doubtful word, because it best shows the user whether the guess is right.
  const words = [...best.odd.slice(0, 1), ...sample.first];
  const other = shownBeside(best, rival, { isClear, margin, is1252Possible: byte === undefined });
  const beside = other === undefined ? '' : ` (as ${other}: ${shownWords(words, other)})`;
  return {
    encoding: isClear ? best.encoding : undefined,
    likeliest: best.encoding,
    words: shownWords(words, best.encoding) + beside,
    undefined1252: byte === undefined ? undefined : { byte, offset: sample.offsets.get(byte)! },
    isEastAsianThroughout: isClear && best.odd.length === 0 && isEastAsian(best.encoding),
  };
}

/** Returns the rival if it is close; otherwise windows-1252, in which a wrong reading looks familiar. */
function shownBeside(
  { encoding }: Reading,
  rival: Reading | undefined,
  { isClear, margin, is1252Possible }: { isClear: boolean; margin: number; is1252Possible: boolean },
): Encoding | undefined {
  if (rival !== undefined && (!isClear || margin < THINKABLE)) return rival.encoding;
  return encoding !== 'windows-1252' && is1252Possible ? 'windows-1252' : undefined;
}
