/** First stage of the pipeline: the bytes of an uploaded file → UTF-8 text without a byte order mark. */
import { Failure } from '../failure.js';
import { withoutBom } from './decode/byteOrderMark.js';
import { type Chunks, decompress } from './decode/decompress.js';
import { BOM_BYTES, type Bom, type Encoding } from './decode/encodings.js';
import type { Compression } from './decode/identify.js';
import { transcoderFor } from './decode/transcode.js';

export interface DecodeOptions {
  compression: Compression;
  encoding: Encoding;
  /** The most bytes that a compressed file may hold. Files that are not compressed are bounded by their upload. */
  maxDecodedBytes: number;
  /** How many bytes of the decoded text to drop at its start (see `resumeAt`). Default 0. */
  skipBytes?: number;
  /** Whether the chunks start at the start of the file, where a byte order mark may be. Default true. */
  fromStart?: boolean;
  /** Gets the bytes of the text as they are in the file, decompressed and without a byte order mark. */
  raw?: (bytes: Uint8Array) => void;
}

/**
 * The text of a file as UTF-8, without its byte order mark, in chunks that are never empty. The bytes are the same
 * however the source is cut. UTF-8 passes through untouched: what is invalid in it, the record stage rejects record
 * by record. In other encodings, what cannot be read becomes a byte 0xFF, which that stage rejects likewise.
 *
 * Offsets in checkpoints count these bytes. Giving up early (`return()`) frees what decompresses and closes the
 * source.
 *
 * @throws Failure as `decompress` does; `checkpoint_invalid` when the text is shorter than `skipBytes`
 */
export async function* decode(
  chunks: Chunks,
  { compression, encoding, maxDecodedBytes, skipBytes = 0, fromStart = true, raw = () => {} }: DecodeOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const plain = decompress(chunks, { compression, maxDecodedBytes });
  const transcoder = transcoderFor(encoding);
  let left = skipBytes;
  const afterSkipped = (text: Uint8Array) => {
    const rest = text.subarray(Math.min(left, text.length));
    left -= text.length - rest.length;
    return rest;
  };
  for await (const bytes of fromStart ? withoutBom(plain, encoding) : plain) {
    raw(bytes);
    const text = afterSkipped(transcoder.write(bytes));
    if (text.length > 0) yield text;
  }
  const last = afterSkipped(transcoder.end());
  if (last.length > 0) yield last;
  if (left > 0) {
    throw new Failure(
      'checkpoint_invalid',
      `the checkpoint lies ${left} bytes behind the end of the text: the stored file is not the one that was ` +
        'being loaded; upload it again',
    );
  }
}

/**
 * How to continue reading at an offset of the decoded text: open the file at `fileOffset` and give the rest to
 * `decode`. Plain UTF-8 is opened right there; everything else is decoded from its start and dropped up to there,
 * for its offsets are not those of the file.
 * @param bom as `identify` returned it
 * @param decodedOffset bytes of decoded text, without the byte order mark
 */
export function resumeAt(
  { compression, encoding, bom }: { compression: Compression; encoding: Encoding; bom: Bom | undefined },
  decodedOffset: number,
): { fileOffset: number; skipBytes: number; fromStart: boolean } {
  if (compression !== 'none' || encoding !== 'utf-8')
    return { fileOffset: 0, skipBytes: decodedOffset, fromStart: true };
  const bomBytes = bom === 'utf-8' ? BOM_BYTES[bom].length : 0;
  return { fileOffset: bomBytes + decodedOffset, skipBytes: 0, fromStart: false };
}
