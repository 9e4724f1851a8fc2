/** Finds the encoding of a text if neither a byte order mark nor the user names one. */
import { Failure } from '../../failure.js';
import type { Notice } from '../notice.js';
import { type Encoding, USUAL } from './encodings.js';
import { eastAsianForUtf8 } from './guess/eastAsian.js';
import { type Guess, guess } from './guess/guess.js';
import { shownWords } from './guess/shownWords.js';
import { WordSample } from './guess/wordSample.js';
import { EncodingVerdict } from './verdict.js';

/**
 * Reads the whole text once, from its start. The pass decodes the text in `encoding` for its own purposes; `raw` gets
 * the bytes before decoding, without a byte order mark.
 */
export type Pass = (encoding: Encoding, raw: (bytes: Uint8Array) => void) => void | Promise<void>;

export interface FoundEncoding {
  encoding: Encoding;
  /** What the user should know about it. */
  notices: Notice[];
  /** What shows that it is this encoding. */
  evidence: string;
}

/**
 * Finds the encoding: in one pass if it is UTF-8, in two if it is windows-1252 or ISO-2022-JP, otherwise in three (also
 * for UTF-8 with more bad lines than good ones). The last pass before the function returns is in the encoding that it
 * found. Before a failure, one more pass may find the line to report.
 * @throws {Failure} `encoding_undetermined`, with the possible solutions; any error of a pass
 */
export async function findEncoding(pass: Pass): Promise<FoundEncoding> {
  const verdict = new EncodingVerdict();
  const short = new WordSample();
  let size = 0;
  await pass('utf-8', (bytes) => {
    verdict.add(bytes);
    size += bytes.length;
    if (size <= SHORT) short.add(bytes);
  });
  const { encoding, damage, goodLines, badLines, firstDamage } = verdict.result();
  if (encoding === 'utf-8' && badLines <= goodLines) {
    if (damage === 0 && size <= SHORT) assertUtf8(short);
    return asUtf8({ goodLines, damage });
  }
  if (encoding === 'iso-2022-jp') {
    await pass(encoding, () => {});
    const evidence = 'its escape sequences';
    return { encoding, notices: [{ note: `read as iso-2022-jp by ${evidence}` }], evidence };
  }
  const sample = new WordSample();
  await pass('windows-1252', (bytes) => sample.add(bytes));
  const found = guess(sample);
  // About 1 in 20 lines of GB 18030 happens to be valid UTF-8.
  if (encoding !== 'other' && !found.isEastAsianThroughout) {
    if (encoding === undefined) throw mixed(goodLines, badLines, await lineAt(pass, firstDamage));
    await pass('utf-8', () => {});
    return asUtf8({ goodLines, damage });
  }
  if (found.encoding === undefined)
    throw undetermined(await against(found, pass), ['--encoding', found.likeliest]);
  if (found.encoding !== 'windows-1252') await pass(found.encoding, () => {});
  return {
    encoding: found.encoding,
    notices: [encodingAssumed(found)],
    evidence: `assumed by its words ${found.words}`,
  };
}

/** Maximum size, in bytes, of a text in another encoding that may be valid UTF-8 by accident. */
const SHORT = 64 * 1024;

/** @throws {Failure} if the few words of a text seem to be valid UTF-8 only by accident */
function assertUtf8(sample: WordSample): void {
  const words = sample.words();
  const other = eastAsianForUtf8(words);
  if (other === undefined) return;
  const readings = `as ${other}: ${shownWords(words, other)} (as utf-8: ${shownWords(words, 'utf-8')})`;
  throw undetermined(`it may be UTF-8, but its words do not decide: ${readings}`, ['--encoding', other]);
}

/** Returns the notice for a file whose encoding was guessed. */
export function encodingAssumed({ encoding, likeliest, words }: Guess): Notice {
  return {
    assumed: `encoding assumed: ${likeliest}: ${words}; if that is wrong: --encoding <name>`,
    option: `--encoding ${encoding ?? '<name>'}`,
  };
}

function asUtf8({ goodLines, damage }: { goodLines: number; damage: number }): FoundEncoding {
  const note = 'read as UTF-8; records with bytes that are not UTF-8 are rejected';
  const whole = goodLines === 0 ? 'all of it is ASCII' : 'all of it is valid UTF-8';
  return {
    encoding: 'utf-8',
    notices: damage === 0 ? [] : [{ note }],
    evidence: damage === 0 ? whole : `${shownLines(goodLines)} with UTF-8 characters, others damaged`,
  };
}

function shownLines(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`;
}

function mixed(goodLines: number, badLines: number, line: number): Failure {
  return undetermined(
    `it mixes encodings: ${shownLines(goodLines)} with UTF-8 characters and ${shownLines(badLines)} with bytes that are ` +
      `not UTF-8, the first of them line ${line}`,
    // With this option, these lines are rejected and can be fixed.
    ['--encoding', 'utf-8'],
  );
}

async function against({ likeliest, words, undefined1252 }: Guess, pass: Pass): Promise<string> {
  const readings = `its words do not decide: as ${likeliest}: ${words}`;
  if (undefined1252 === undefined) return `it is not UTF-8, and ${readings}`;
  const byte = undefined1252.byte.toString(16).toUpperCase();
  const line = await lineAt(pass, undefined1252.offset);
  return `it is not UTF-8, line ${line} has the byte ${byte}, which windows-1252 does not define, and ${readings}`;
}

/** @param options select the most likely encoding; the user sees its words in the message before using them */
function undetermined(why: string, options?: string[]): Failure {
  return new Failure(
    'encoding_undetermined',
    `The encoding of the file cannot be determined: ${why}. Name it with --encoding <name> (in the API ` +
      `?encoding=<name>), one of ${USUAL} or another; or save the file as UTF-8. Then upload it again.`,
    { options },
  );
}

/** Returns the physical line, from 1, of the byte at an offset of the text. */
async function lineAt(pass: Pass, offset: number): Promise<number> {
  let line = 1;
  let base = 0;
  let afterCr = false;
  await pass('utf-8', (bytes) => {
    const end = Math.min(bytes.length, offset - base);
    for (let at = 0; at < end; at++) {
      const byte = bytes[at]!;
      // A CRLF is counted at its CR.
      if (byte === CR || (byte === LF && !afterCr)) line++;
      afterCr = byte === CR;
    }
    base += bytes.length;
  });
  return line;
}

const LF = 0x0a;
const CR = 0x0d;
