/** The beginning of a file as plain text that ends with a line, so that half a character or a record is not taken for damage. */
import { type Chunks, decompress } from '../decode/decompress.js';
import { type Compression, HEAD_BYTES, identify } from '../decode/identify.js';

export interface Beginning {
  /** Decompressed, in the encoding of the file. */
  text: Uint8Array;
  /** Of the file. */
  compression: Compression;
  /** There is more text than this. */
  cut: boolean;
}

/**
 * @param bytes the file, or where it is `cut` the first bytes of it
 * @param most bytes of text that are taken
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
    // Memory of a chunk may be used again for the next one.
    parts.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > most) break;
  }
  return { text: Buffer.concat(parts).subarray(0, most), more: size > most };
}

const LF = 0x0a;
const CR = 0x0d;
/** Bytes of a character of UTF-32; a multiple of those of UTF-16. */
const WIDEST = 4;
/** In UTF-16 and UTF-32 there are NULs among these, of which a line end is not a single byte. */
const LOOKED_AT = 4096;

function wholeLines(text: Buffer): Buffer {
  if (text.subarray(0, LOOKED_AT).includes(0)) return text.subarray(0, text.length - (text.length % WIDEST));
  const end = Math.max(text.lastIndexOf(LF), text.lastIndexOf(CR));
  return end < 0 ? text : text.subarray(0, end + 1);
}
