/** The encodings that a file may be in, how they are named, and which one is settled before any text is read. */
import { Failure } from '../../failure.js';

/**
 * UTF-8 and windows-1252 are found by themselves, UTF-16 by its byte order mark; all of them can be asked for.
 * Besides UTF-16, all of them contain ASCII, so records end at the same bytes in whichever of them a file is read.
 */
export const ENCODINGS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'iso-8859-1',
  'iso-8859-2',
  'iso-8859-15',
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'windows-1254',
  'windows-1257',
  'koi8-r',
  'macintosh',
] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** A byte order mark, named by the encoding that it tells. */
export type Bom = 'utf-8' | 'utf-16le' | 'utf-16be';

export const BOM_BYTES: Record<Bom, readonly number[]> = {
  'utf-8': [0xef, 0xbb, 0xbf],
  'utf-16le': [0xff, 0xfe],
  'utf-16be': [0xfe, 0xff],
};

const ALIASES: Record<string, Encoding> = {
  ascii: 'utf-8',
  usascii: 'utf-8',
  utf8bom: 'utf-8',
  utf8sig: 'utf-8',
  ansi: 'windows-1252',
  latin1: 'iso-8859-1',
  latin2: 'iso-8859-2',
  latin9: 'iso-8859-15',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  cp1252: 'windows-1252',
  cp1253: 'windows-1253',
  cp1254: 'windows-1254',
  cp1257: 'windows-1257',
  macroman: 'macintosh',
};

const BY_KEY = new Map<string, Encoding>([
  ...Object.entries(ALIASES),
  ...ENCODINGS.map((encoding) => [keyOf(encoding), encoding] as const),
]);

/**
 * The encoding that a person means by a name; case, hyphens and underscores do not count, and the usual short
 * names (latin1, cp1252, …) are understood.
 * @throws Failure `encoding_unknown`, with the list of names.
 */
export function encodingNamed(name: string): Encoding {
  const encoding = BY_KEY.get(keyOf(name));
  if (encoding) return encoding;
  throw new Failure(
    'encoding_unknown',
    `the encoding "${name}" is not known: use one of ${ENCODINGS.join(', ')}, ` +
      'or leave it out to have it found (UTF-16 by its byte order mark, UTF-8, else windows-1252)',
  );
}

function keyOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Whether text in this encoding has two bytes or more for an ASCII character, NULs among them. */
export function isUtf16(encoding: Encoding | undefined): boolean {
  return encoding === 'utf-16le' || encoding === 'utf-16be';
}

/**
 * The encoding as far as it is settled before the text is read: the one asked for, else the one of the byte order
 * mark, else undefined, and then an `EncodingVerdict` over the whole file decides.
 * A UTF-8 byte order mark before text that is asked to be read as a single-byte encoding is dropped.
 * @throws Failure `encoding_conflict` when a byte order mark and the encoding asked for cannot both be right.
 */
export function settledEncoding(asked: Encoding | undefined, bom: Bom | undefined): Encoding | undefined {
  if (asked && bom && asked !== bom && (bom !== 'utf-8' || isUtf16(asked))) {
    throw new Failure(
      'encoding_conflict',
      `the file starts with the byte order mark of ${bom}, but is to be read as ${asked}: ` +
        `leave the encoding out, or ask for ${bom}`,
    );
  }
  return asked ?? bom;
}
