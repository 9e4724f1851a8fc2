/** A first look at a file: what it is, and the start of its text. */
import { withoutBom } from './byteOrderMark.js';
import { type Chunks, decompress } from './decompress.js';
import { type Bom, type Encoding, settledEncoding } from './encodings.js';
import { type Compression, HEAD_BYTES, identify } from './identify.js';
import { transcoderFor } from './transcode.js';

export interface Examined {
  compression: Compression;
  /** The byte order mark of the text, inside the compression where there is one. */
  bom: Bom | undefined;
  /** The encoding that is settled already; undefined: an `EncodingVerdict` over the whole text decides. */
  encoding: Encoding | undefined;
  /** The start of the text (of up to 64 KiB in the file), as `decode` gives it; may end within a record. */
  sample: Uint8Array;
}

/**
 * Looks at the first 64 KiB of a file and, where that is compressed, at the first 64 KiB of what is in it.
 * @param open gives the file's bytes from its start, as often as it is called (once or twice)
 * @param asked the encoding that the person asked for, if any
 * @throws Failure `file_empty`, `file_not_text`, `encoding_conflict`, and those of `decompress`
 */
export async function examine(open: () => Chunks, asked?: Encoding): Promise<Examined> {
  let head = await start(open());
  let { compression, bom } = identify(head, { asked });
  if (compression !== 'none') {
    head = await start(decompress(open(), { compression, maxDecodedBytes: Number.POSITIVE_INFINITY }));
    bom = identify(head, { asked, inside: compression }).bom;
  }
  const encoding = settledEncoding(asked, bom);
  const transcoder = transcoderFor(encoding ?? 'utf-8');
  const text: Uint8Array[] = [];
  for await (const bytes of withoutBom([head], encoding ?? 'utf-8')) text.push(transcoder.write(bytes));
  return { compression, bom, encoding, sample: Buffer.concat(text) };
}

async function start(chunks: Chunks): Promise<Uint8Array> {
  const taken: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    taken.push(chunk);
    size += chunk.length;
    if (size >= HEAD_BYTES) break;
  }
  return Buffer.concat(taken).subarray(0, HEAD_BYTES);
}
