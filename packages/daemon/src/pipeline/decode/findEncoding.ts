/** The encoding of a text for which neither a byte order mark nor a person names one. */
import { Failure } from '../../failure.js';
import { ENCODINGS } from './encodings.js';
import { EncodingVerdict } from './verdict.js';
import { type Disproof, Windows1252Evidence } from './windows1252.js';

/**
 * Reads the whole text once, from its start. The text is read in `encoding` for whatever else the pass is for;
 * `raw` gets its bytes as they are, without a byte order mark, before that encoding is applied.
 */
export type Pass = (
  encoding: 'utf-8' | 'windows-1252',
  raw: (bytes: Uint8Array) => void,
) => void | Promise<void>;

export interface FoundEncoding {
  encoding: 'utf-8' | 'windows-1252';
  /** What the owner of the file should know about that, in sentences. */
  notices: string[];
}

/**
 * Finds the encoding in one pass where it is UTF-8, else in two. The last pass before a return is one in the
 * encoding that was found. A third, before a failure, finds its line.
 * @throws {Failure} `encoding_undetermined`, with the ways out; what a pass throws
 */
export async function findEncoding(pass: Pass): Promise<FoundEncoding> {
  const verdict = new EncodingVerdict();
  await pass('utf-8', (bytes) => verdict.add(bytes));
  const { encoding, damage, goodLines, badLines, firstDamage } = verdict.result();
  if (encoding === 'utf-8') {
    const notice = 'read as UTF-8; records with bytes that are not UTF-8 are rejected';
    return { encoding, notices: damage === 0 ? [] : [notice] };
  }
  if (encoding === undefined) {
    const line = await lineAt(pass, firstDamage);
    const lines = (count: number) => (count === 1 ? '1 line' : `${count} lines`);
    throw undetermined(
      `it mixes encodings: ${lines(goodLines)} with UTF-8 characters and ${lines(badLines)} with bytes that are ` +
        `not UTF-8, the first of them line ${line}`,
    );
  }
  const evidence = new Windows1252Evidence();
  await pass('windows-1252', (bytes) => evidence.add(bytes));
  const { disproof, word } = evidence;
  if (disproof) throw undetermined(against(disproof, await lineAt(pass, disproof.offset)));
  const example = word === undefined ? '' : `, in which a word of it reads ${JSON.stringify(word)}`;
  return {
    encoding,
    notices: [
      `encoding assumed: windows-1252${example}; if that is wrong, upload the file with --encoding <name>`,
    ],
  };
}

function against(disproof: Disproof, line: number): string {
  if (disproof.kind === 'undefined_byte') {
    const byte = disproof.byte.toString(16).toUpperCase();
    return `it is not UTF-8, and line ${line} has the byte ${byte}, which windows-1252 does not define`;
  }
  const word = JSON.stringify(disproof.word);
  return `it is not UTF-8, and read as windows-1252 it is not text: a word on line ${line} would be ${word}`;
}

/** ENCODINGS without UTF-8, and without UTF-16, which is told by its NULs. */
const TO_NAME = ENCODINGS.filter((name) => !name.startsWith('utf-')).join(', ');

function undetermined(why: string): Failure {
  return new Failure(
    'encoding_undetermined',
    `The encoding of the file cannot be determined: ${why}. Name it with --encoding <name> (in the API ` +
      `?encoding=<name>), one of ${TO_NAME}; or save the file as UTF-8. Then upload it again.`,
  );
}

/** The physical line, counted from 1, that the byte at an offset of the text is on. */
async function lineAt(pass: Pass, offset: number): Promise<number> {
  let line = 1;
  let base = 0;
  let afterCr = false;
  await pass('utf-8', (bytes) => {
    const end = Math.min(bytes.length, offset - base);
    for (let at = 0; at < end; at++) {
      const byte = bytes[at]!;
      // The LF of a CRLF, which was counted at its CR.
      if (byte === CR || (byte === LF && !afterCr)) line++;
      afterCr = byte === CR;
    }
    base += bytes.length;
  });
  return line;
}

const LF = 0x0a;
const CR = 0x0d;
