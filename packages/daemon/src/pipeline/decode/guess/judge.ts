/** Compares all candidate encodings for the words of a file. */
import { textIn } from '../codec.js';
import type { Encoding } from '../encodings.js';
import { CANDIDATES, type Candidate } from './candidates.js';
import { characterCosts, isEastAsian } from './eastAsian.js';
import { letterCosts, type PairedWords, pairsOf } from './letters.js';
import type { WordSample } from './wordSample.js';

/** A file's words in an encoding that its bytes do not rule out. */
export interface Reading {
  encoding: Encoding;
  /** Surprise at all words, in nats: 3 more means e^3 times less likely. */
  cost: number;
  /** The words that are not text in this encoding, in any of its languages. */
  odd: Buffer[];
}

/** A word is odd if its pairs of letters, or its characters, cost more than this on average. */
const ODD_PAIR = 5.5;
const ODD_CHARACTER = 11.5;

/**
 * Returns the readings of a file, most likely first. If several read all of its bytes the same way, only the most
 * likely one is included. A single-byte encoding that does not define one of the bytes is excluded.
 */
export function readingsOf(sample: WordSample): Reading[] {
  const words = sample.words();
  const pairs = pairsOf(words);
  const bytes = [...sample.offsets.keys()];
  const found = CANDIDATES.filter(({ encoding }) => undefinedByte(encoding, bytes) === undefined)
    .map((candidate) => readingIn(candidate, words, pairs))
    .sort((one, other) => one.cost - other.cost);
  return found.filter(
    ({ encoding }, at) =>
      !found.slice(0, at).some((likelier) => readAlike(likelier.encoding, encoding, bytes)),
  );
}

/** Returns the first of these bytes that a single-byte encoding does not define. */
export function undefinedByte(encoding: Encoding, bytes: readonly number[]): number | undefined {
  return isEastAsian(encoding)
    ? undefined
    : bytes.find((byte) => /[\ufffd\p{Cc}]/u.test(characterOf(byte, encoding)));
}

function readingIn(
  { encoding, languages, cost }: Candidate,
  words: readonly Buffer[],
  pairs: PairedWords,
): Reading {
  const costs = isEastAsian(encoding)
    ? characterCosts(words, encoding).map(({ cost: its, characters }) => ({
        its,
        most: characters * ODD_CHARACTER,
      }))
    : letterCosts(pairs, encoding, languages).map((its, at) => ({
        its,
        most: pairs.words[at]!.length * ODD_PAIR,
      }));
  return {
    encoding,
    cost: costs.reduce((sum, { its }) => sum + its, cost),
    odd: words.filter((_, at) => costs[at]!.its > costs[at]!.most),
  };
}

function readAlike(one: Encoding, other: Encoding, bytes: readonly number[]): boolean {
  if (isEastAsian(one) || isEastAsian(other)) return false;
  return bytes.every((byte) => characterOf(byte, one) === characterOf(byte, other));
}

function characterOf(byte: number, encoding: Encoding): string {
  return textIn(Buffer.of(byte), encoding);
}
