/** What a file is, from its first bytes: text, compressed text, or something that is refused by its name. */
import { Failure } from '../../failure.js';
import { BOM_BYTES, type Bom, type Encoding, isUtf16 } from './encodings.js';
import { binaryKind } from './signatures.js';

/** How many bytes of a file's start `identify` wants to see: an XLSX names its workbook within them. */
export const HEAD_BYTES = 64 * 1024;

export type Compression = 'none' | 'gzip' | 'zstd';

export interface Identity {
  compression: Compression;
  /** The byte order mark, where the text starts with one; of compressed text it is not known yet. */
  bom: Bom | undefined;
}

/**
 * Tells what a file is from its first bytes (up to `HEAD_BYTES`; fewer only where the file is shorter).
 *
 * Compression is told by magic bytes, never by the file's name: gzip 1F 8B (RFC 1952), zstd 28 B5 2F FD or a
 * skippable frame (RFC 8878). Known binary formats are refused. What remains is text unless
 * - most bytes at even or at odd places are NUL: UTF-16 without a byte order mark, refused unless UTF-16 is asked
 *   for, for one cannot be sure of the byte order; or
 * - more than 8 bytes, and more than 5 %, are control characters that text does not have (all below 0x20 but TAB,
 *   LF, VT, FF, CR and ESC): random bytes have 10 %. So a few NULs do not refuse a file; later each rejects its
 *   record.
 *
 * @param asked the encoding that the person asked for, if any; with UTF-16, NULs are text
 * @param inside the compression around these bytes, where they are the start of decompressed text
 * @throws Failure `file_empty` or `file_not_text`
 */
export function identify(
  head: Uint8Array,
  { asked, inside = 'none' }: { asked?: Encoding | undefined; inside?: Compression } = {},
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
  if (!isUtf16(bom) && !isUtf16(asked)) {
    const doubt = nulPattern(head) ?? (isBinary(head) ? BINARY : undefined);
    if (doubt) refuse(doubt);
  }
  return { compression: 'none', bom };
}

const BINARY = 'binary data, not text: export the data as CSV, in UTF-8 if you can choose';

function compressionOf(head: Uint8Array): Compression {
  if (startsWith(head, [0x1f, 0x8b])) return 'gzip';
  if (startsWith(head, [0x28, 0xb5, 0x2f, 0xfd])) return 'zstd';
  if ((head[0] ?? 0) >> 4 === 5 && startsWith(head.subarray(1), [0x2a, 0x4d, 0x18])) return 'zstd';
  return 'none';
}

function bomOf(head: Uint8Array): Bom | undefined {
  const names: readonly Bom[] = ['utf-8', 'utf-16le', 'utf-16be'];
  return names.find((name) => startsWith(head, BOM_BYTES[name]));
}

function startsWith(head: Uint8Array, bytes: readonly number[]): boolean {
  return bytes.every((byte, at) => head[at] === byte);
}

/** ASCII in UTF-16LE has its NULs at odd places, in UTF-16BE at even ones. */
function nulPattern(head: Uint8Array): string | undefined {
  const nuls = [0, 0];
  for (let at = 0; at < head.length; at++) if (head[at] === 0) nuls[at & 1] = (nuls[at & 1] ?? 0) + 1;
  const [even = 0, odd = 0] = nuls;
  const many = Math.max(4, head.length / 4);
  const name =
    odd >= many && even * 10 < odd ? 'utf-16le' : even >= many && odd * 10 < even ? 'utf-16be' : '';
  if (!name) return undefined;
  return `text in ${name} without a byte order mark: upload it with --encoding ${name} (in the API ?encoding=${name}), or save the file as UTF-8`;
}

function isBinary(head: Uint8Array): boolean {
  let controls = 0;
  for (const byte of head) if (byte < 0x20 && (byte < 0x09 || byte > 0x0d) && byte !== 0x1b) controls++;
  return controls > 8 && controls > head.length / 20;
}
