/** The encodings that a file may have, their names, and which one is settled before any text is read. */
import { Failure } from '../../failure.js';
import { LABELS } from './labels.js';

/**
 * All except UTF-16 and UTF-32 contain ASCII. In East Asian encodings the second byte of a character may be an ASCII
 * one, even a delimiter or a quote, so a text is decoded before it is split into records.
 */
export type Encoding = Exclude<keyof typeof LABELS, Unordered>;

/** Encodings that the user may name without a byte order, which is then detected. */
type Unordered = 'utf-16' | 'utf-32';
export type AskedEncoding = keyof typeof LABELS;

const ALL = Object.keys(LABELS) as AskedEncoding[];

/** The names of all supported encodings. */
export const ENCODINGS = ALL.filter((name): name is Encoding => name !== 'utf-16' && name !== 'utf-32');

/** A byte order mark, named after the encoding that it indicates. */
export type Bom = 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be' | 'gb18030';

/** The mark of UTF-32LE starts with that of UTF-16LE, so it comes first. */
export const BOM_BYTES: Record<Bom, readonly number[]> = {
  'utf-8': [0xef, 0xbb, 0xbf],
  'utf-32le': [0xff, 0xfe, 0, 0],
  'utf-32be': [0, 0, 0xfe, 0xff],
  'utf-16le': [0xff, 0xfe],
  'utf-16be': [0xfe, 0xff],
  gb18030: [0x84, 0x31, 0x95, 0x33],
};

const BY_KEY = new Map<string, AskedEncoding>(
  ALL.flatMap((encoding) =>
    [encoding, ...LABELS[encoding].split(' ')].map((label) => [keyOf(label), encoding] as const),
  ),
);
BY_KEY.delete('');

/**
 * Returns the encoding for a name: any label of the WHATWG Encoding Standard, and others (labels.ts). Ignores case and
 * everything except letters and digits.
 * @throws Failure `encoding_unknown`, with the usual names.
 */
export function encodingAsked(name: string): AskedEncoding {
  const encoding = BY_KEY.get(keyOf(name));
  if (encoding) return encoding;
  throw new Failure(
    'encoding_unknown',
    `the encoding "${name}" is not supported: use ${USUAL} or any other label of the WHATWG Encoding Standard, or leave it ` +
      'out to have it detected',
  );
}

/** Returns the encoding for the name that is stored with a job. */
export function encodingNamed(name: string): Encoding {
  return ordered(encodingAsked(name));
}

/** The most common encodings of files. */
export const USUAL =
  'windows-1252, windows-1250, windows-1251, windows-1253, windows-1254, iso-8859-2, iso-8859-15, macintosh, koi8-r, ' +
  'ibm850, shift_jis, gb18030, big5, euc-kr, euc-jp, utf-8, utf-16le';

function keyOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function ordered(asked: AskedEncoding): Encoding {
  return asked === 'utf-16' ? 'utf-16le' : asked === 'utf-32' ? 'utf-32le' : asked;
}

/** Whether text in this encoding contains NULs, because an ASCII character has two or four bytes. */
export function hasNuls(encoding: AskedEncoding | undefined): boolean {
  return encoding !== undefined && /^utf-(16|32)/.test(encoding);
}

/**
 * Returns the encoding that is settled before the text is read: the requested one, otherwise the one that the byte
 * order mark or the pattern of NULs shows. Otherwise undefined, and the whole file decides (findEncoding.ts). A UTF-8
 * byte order mark does not conflict with a requested encoding whose text has no NULs.
 * @param pattern the encoding that the NULs among the first bytes of the text show
 * @throws Failure `encoding_conflict` if the byte order mark and the requested encoding cannot both be right.
 */
export function settledEncoding(
  asked: AskedEncoding | undefined,
  bom: Bom | undefined,
  pattern?: Encoding | undefined,
): Encoding | undefined {
  const shown = bom ?? pattern;
  if (asked === undefined) return shown;
  const isUnordered = asked === 'utf-16' || asked === 'utf-32';
  if (isUnordered && shown?.startsWith(asked)) return shown;
  const both = asked === 'gbk' && bom === 'gb18030';
  if (bom && asked !== bom && !both && (bom !== 'utf-8' || hasNuls(asked))) {
    throw new Failure(
      'encoding_conflict',
      `the file starts with the byte order mark of ${bom}, but ${asked} was requested: ` +
        `omit the encoding, or request ${bom}`,
    );
  }
  return ordered(asked);
}
