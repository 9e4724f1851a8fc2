/** Identifies a file by its first bytes: text, compressed text, or another format, which is refused by name. */
import { Failure } from '../../failure.js';
import { type AskedEncoding, BOM_BYTES, type Bom, type Encoding, hasNuls } from './encodings.js';
import { binaryKind } from './signatures.js';

/** Number of bytes that `identify` needs: within them, an XLSX file names its workbook. */
export const HEAD_BYTES = 64 * 1024;

export type Compression = 'none' | 'gzip' | 'zstd';

export interface Identity {
  compression: Compression;
  /** The byte order mark, if the text starts with one; not known yet if the text is compressed. */
  bom: Bom | undefined;
  /** UTF-16 or UTF-32 without a byte order mark, recognized by the positions of its NULs. */
  pattern?: Encoding | undefined;
}

/**
 * Identifies a file by its first bytes (up to `HEAD_BYTES`; fewer only if the file is shorter).
 *
 * Recognizes compression by magic bytes, never by the file's name: gzip 1F 8B (RFC 1952), zstd 28 B5 2F FD or a
 * skippable frame (RFC 8878). Refuses known binary formats. Anything else is text unless
 * - its NULs are in the positions of UTF-16 or UTF-32, and another encoding is asked for; or
 * - more than 8 bytes, and more than 5%, are control characters that text does not contain (all below 0x20 except
 *   TAB, LF, VT, FF, CR and ESC): random bytes have 10%. So a few NULs do not refuse a file; later each rejects its
 *   record.
 *
 * @param asked the encoding that the user asked for, if any; in UTF-16 and UTF-32, NULs are text
 * @param inside the compression around these bytes, if they are the start of decompressed text
 * @throws Failure `file_empty` or `file_not_text`
 */
export function identify(
  head: Uint8Array,
  { asked, inside = 'none' }: { asked?: AskedEncoding | undefined; inside?: Compression } = {},
): Identity {
  const container = inside === 'none' ? '' : `, inside its ${inside} compression`;
  const refuse = (kind: string): never => {
    const [is, ...then] = kind.split(': ');
    throw new Failure('file_not_text', `this is ${is}${container}: ${then.join(': ')}`);
  };

  const compression = compressionOf(head);
  if (compression !== 'none') {
    if (inside !== 'none') refuse(`a ${compression} file: unpack it until a CSV file remains`);
    return { compression, bom: undefined };
  }
  const kind = binaryKind(head);
  if (kind) refuse(kind);

  const bom = bomOf(head);
  if (head.length === (bom ? BOM_BYTES[bom].length : 0)) {
    const what = bom ? `has nothing after its byte order mark (${bom})` : 'is empty';
    throw new Failure(
      'file_empty',
      `the file ${what}${container}: upload a CSV file with a header and records`,
    );
  }
  if (hasNuls(bom)) return { compression: 'none', bom };
  const pattern = nulPattern(head);
  if (pattern !== undefined && asked !== undefined && !hasNuls(asked))
    refuse(
      `text in ${pattern} without a byte order mark: leave --encoding out, or upload it with --encoding ${pattern} (in the API ?encoding=${pattern})`,
    );
  if (pattern === undefined && !hasNuls(asked) && isBinary(head)) refuse(BINARY);
  return { compression: 'none', bom, ...(pattern && { pattern }) };
}

const BINARY = 'binary data, not text: export the data as CSV, in UTF-8 if you can choose';

function compressionOf(head: Uint8Array): Compression {
  if (startsWith(head, [0x1f, 0x8b])) return 'gzip';
  if (startsWith(head, [0x28, 0xb5, 0x2f, 0xfd])) return 'zstd';
  if ((head[0] ?? 0) >> 4 === 5 && startsWith(head.subarray(1), [0x2a, 0x4d, 0x18])) return 'zstd';
  return 'none';
}

function bomOf(head: Uint8Array): Bom | undefined {
  return (Object.keys(BOM_BYTES) as Bom[]).find((name) => startsWith(head, BOM_BYTES[name]));
}

function startsWith(head: Uint8Array, bytes: readonly number[]): boolean {
  return bytes.every((byte, at) => head[at] === byte);
}

/**
 * ASCII has its NULs at odd positions in UTF-16LE and at even ones in UTF-16BE; only the first of four bytes is not NUL
 * in UTF-32LE, only the last in UTF-32BE. Other characters have fewer NULs, but line ends, delimiters and e-mail
 * addresses have enough.
 */
function nulPattern(head: Uint8Array): Encoding | undefined {
  const nuls = [0, 0, 0, 0];
  for (let at = 0; at < head.length; at++) if (head[at] === 0) nuls[at & 3] = nuls[at & 3]! + 1;
  const [first, second, third, fourth] = nuls as [number, number, number, number];
  // The two highest bytes of any character are 0 or 00–10: in UTF-32 nearly all of them are NUL.
  const units = Math.floor(head.length / 4);
  if (units >= 4 && third + fourth >= units * 1.9 && first * 10 < units) return 'utf-32le';
  if (units >= 4 && first + second >= units * 1.9 && fourth * 10 < units) return 'utf-32be';
  const even = first + third;
  const odd = second + fourth;
  const many = Math.max(4, head.length / 4);
  if (odd >= many && even * 10 < odd) return 'utf-16le';
  return even >= many && odd * 10 < even ? 'utf-16be' : undefined;
}

function isBinary(head: Uint8Array): boolean {
  let controls = 0;
  for (const byte of head) if (byte < 0x20 && (byte < 0x09 || byte > 0x0d) && byte !== 0x1b) controls++;
  return controls > 8 && controls > head.length / 20;
}
