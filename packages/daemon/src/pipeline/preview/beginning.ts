/**
 * The beginning of a file as plain text that ends at a line end, so that half a character or record is not reported as
 * damage.
 */
import { type Chunks, decompress } from '../decode/decompress.js';
import { type Compression, HEAD_BYTES, identify } from '../decode/identify.js';

export interface Beginning {
  /** Decompressed, in the encoding of the file. */
  text: Uint8Array;
  /** The compression of the file. */
  compression: Compression;
  /** Whether the file has more text than this. */
  cut: boolean;
}

/**
 * @param bytes the file or, if it is `cut`, its first bytes
 * @param most maximum number of bytes of text to take
 * @throws {Failure} as `identify` and `decompress` do
 */
export async function beginningOf(bytes: Uint8Array, cut: boolean, most: number): Promise<Beginning> {
  const { compression } = identify(bytes.subarray(0, HEAD_BYTES));
  const whole = decompress([bytes], { compression, maxDecodedBytes: Number.POSITIVE_INFINITY, whole: !cut });
  const { text, more } = await firstBytes(whole, most);
  const isCut = cut || more;
  return { text: isCut ? wholeLines(text) : text, compression, cut: isCut };
}

async function firstBytes(chunks: Chunks, most: number): Promise<{ text: Buffer; more: boolean }> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    // The memory of a chunk may be reused for the next one.
    parts.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > most) break;
  }
  return { text: Buffer.concat(parts).subarray(0, most), more: size > most };
}

const LF = 0x0a;
const CR = 0x0d;
/** Bytes per character in UTF-32; a multiple of those in UTF-16. */
const WIDEST = 4;
/** Bytes searched for NUL, which shows UTF-16 or UTF-32: a line end is then not a single byte. */
const LOOKED_AT = 4096;

function wholeLines(text: Buffer): Buffer {
  if (text.subarray(0, LOOKED_AT).includes(0)) return text.subarray(0, text.length - (text.length % WIDEST));
  const end = Math.max(text.lastIndexOf(LF), text.lastIndexOf(CR));
  return end < 0 ? text : text.subarray(0, end + 1);
}
