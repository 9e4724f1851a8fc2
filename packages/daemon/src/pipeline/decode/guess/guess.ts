/** The encoding of a file that is neither UTF-8 nor ASCII, or why it is not guessed. */
import type { Encoding } from '../encodings.js';
import { isEastAsian } from './eastAsian.js';
import { type Reading, readingsOf, undefinedByte } from './judge.js';
import { shownWords } from './shownWords.js';
import type { WordSample } from './wordSample.js';

/** The likeliest reading must be e^4 (55) times as likely as the next one that reads the file differently. */
const CLEAR = 4;
/** And so few of its words may be no text in it. */
const ODD_WORDS = 0.2;
/** Another reading is shown beside the likeliest where it is not out of the question. */
const THINKABLE = 8;

export interface Guess {
  /** Undefined where the words do not decide. */
  encoding: Encoding | undefined;
  /** The same, and the likeliest where they do not decide. */
  likeliest: Encoding;
  /** Sample words as the likely encodings read them, `"Иван" (as windows-1252: "Èâàí")`. */
  words: string;
  /** A byte that windows-1252 does not define, with the offset of its first, where there is one. */
  undefined1252: { byte: number; offset: number } | undefined;
  /** Every word is text in the likeliest reading, which is a multi-byte one. */
  isEastAsianThroughout: boolean;
}

/** Guesses by the words of the whole file; docs/decisions/0026-guessing-encodings.md says how sure that is. */
export function guess(sample: WordSample): Guess {
  const [best, rival] = readingsOf(sample) as [Reading, Reading | undefined];
  const count = sample.words().length;
  const margin = rival === undefined ? Number.POSITIVE_INFINITY : rival.cost - best.cost;
  const isText = best.odd.length <= count * ODD_WORDS;
  const isClear = isText && margin >= CLEAR;
  const byte = undefinedByte('windows-1252', [...sample.offsets.keys()]);
  // A doubtful word first: by that a person sees best whether the guess is right.
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

/** The rival where that is near; else windows-1252, in which wrong readings look familiar. */
function shownBeside(
  { encoding }: Reading,
  rival: Reading | undefined,
  { isClear, margin, is1252Possible }: { isClear: boolean; margin: number; is1252Possible: boolean },
): Encoding | undefined {
  if (rival !== undefined && (!isClear || margin < THINKABLE)) return rival.encoding;
  return encoding !== 'windows-1252' && is1252Possible ? 'windows-1252' : undefined;
}
