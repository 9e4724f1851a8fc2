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
  /** Maximum size of a compressed file's content, in bytes. Other files are limited when they are uploaded. */
  maxDecodedBytes: number;
  /** Number of bytes of the decoded text to drop at the start (see `resumeAt`). Default 0. */
  skipBytes?: number;
  /** Whether the chunks start at the beginning of the file, where a byte order mark may be. Default true. */
  fromStart?: boolean;
  /** Called with the bytes of the text before decoding, decompressed and without a byte order mark. */
  raw?: (bytes: Uint8Array) => void;
}

/**
 * Yields the text of a file as UTF-8, without its byte order mark, in chunks that are never empty. The result does not
 * depend on how the source is split into chunks. UTF-8 passes through unchanged; the record stage rejects each record
 * with invalid UTF-8. In other encodings, bytes that cannot be decoded become the byte 0xFF, which that stage also
 * rejects.
 *
 * Offsets in checkpoints count these bytes. Stopping early (`return()`) frees the decompressor and closes the source.
 *
 * @throws Failure as `decompress` does; `checkpoint_invalid` if the text is shorter than `skipBytes`
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
      `the checkpoint lies ${left} bytes past the end of the text: the stored file is not the one that was ` +
        'being loaded; upload it again',
    );
  }
}

/**
 * Returns how to continue reading at an offset of the decoded text: open the file at `fileOffset` and pass the other
 * two to `decode`. Uncompressed UTF-8 is opened at the offset. Any other file is decoded from its start and the text
 * before the offset is dropped, because offsets in the text are not offsets in the file.
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
