/** Examines the start of a file: what it is, and the start of its text. */
import { withoutBom } from './byteOrderMark.js';
import { type Chunks, decompress } from './decompress.js';
import { type AskedEncoding, type Bom, type Encoding, settledEncoding } from './encodings.js';
import { type Compression, HEAD_BYTES, identify } from './identify.js';
import { transcoderFor } from './transcode.js';

export interface Examined {
  compression: Compression;
  /** The byte order mark of the (decompressed) text. */
  bom: Bom | undefined;
  /** The encoding, if it is settled already; if undefined, the whole text decides (findEncoding.ts). */
  encoding: Encoding | undefined;
  /** The start of the text (up to 64 KiB in the file), as `decode` returns it; may end within a record. */
  sample: Uint8Array;
  /** Whether the sample is known to be the whole text. */
  complete: boolean;
}

/**
 * Examines the first 64 KiB of a file and, if it is compressed, the first 64 KiB of its content.
 * @param open returns the file's bytes from the start; called once or twice
 * @param asked the encoding that the user asked for, if any
 * @param whole false if `open` returns only the start of the file. For a compressed file, this may be less than 64
 *   KiB of text, or none at all (a long comment in its header, empty members): then the sample is short or empty.
 * @throws Failure `file_empty`, `file_not_text`, `encoding_conflict`, and those of `decompress`
 */
export async function examine(
  open: () => Chunks,
  { asked, whole = true }: { asked?: AskedEncoding | undefined; whole?: boolean } = {},
): Promise<Examined> {
  let { head, ended } = await start(open());
  let { compression, bom, pattern } = identify(head, { asked });
  if (compression !== 'none') {
    ({ head, ended } = await start(
      decompress(open(), { compression, maxDecodedBytes: Number.POSITIVE_INFINITY, whole }),
    ));
    if (head.length === 0 && !whole)
      return {
        compression,
        bom: undefined,
        encoding: settledEncoding(asked, undefined),
        sample: head,
        complete: false,
      };
    ({ bom, pattern } = identify(head, { asked, inside: compression }));
  }
  const encoding = settledEncoding(asked, bom, pattern);
  const transcoder = transcoderFor(encoding ?? 'utf-8');
  const text: Uint8Array[] = [];
  for await (const bytes of withoutBom([head], encoding ?? 'utf-8')) text.push(transcoder.write(bytes));
  return { compression, bom, encoding, sample: Buffer.concat(text), complete: whole && ended };
}

/** Returns the first bytes, and whether there are no more. */
async function start(chunks: Chunks): Promise<{ head: Uint8Array; ended: boolean }> {
  const taken: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    taken.push(chunk);
    size += chunk.length;
    if (size >= HEAD_BYTES) return { head: Buffer.concat(taken).subarray(0, HEAD_BYTES), ended: false };
  }
  return { head: Buffer.concat(taken), ended: true };
}
