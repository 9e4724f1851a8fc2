/** A first look at an upload, while the client still waits for an answer: can this be a CSV file of customers at all? */
import { tooLarge } from './decode/decompress.js';
import { delimiterNamed, findDelimiter } from './decode/delimiter.js';
import { examine } from './decode/examine.js';
import { type Compression, HEAD_BYTES } from './decode/identify.js';
import { declaredSize } from './decode/zstdSize.js';
import { headerMissing } from './header.js';
import { headerOf } from './headerRecord.js';
import { createParse } from './parse.js';
import type { ReadLimits, ReadOverrides } from './reading.js';
import { RecordCutter } from './records.js';
import { askedEncoding } from './surveyFile.js';

/**
 * Looks at the first bytes of a file. What it cannot see (a header longer than that, say) the survey of the job will.
 * @param head the first bytes of the file, `sizeBytes` of which it has; 128 KiB are enough for 64 KiB of text even
 *   where compression makes text longer
 * @param tail the last bytes, where they are known
 * @throws {Failure} as `surveyFile` does, as far as these bytes tell
 */
export async function inspect(
  head: Uint8Array,
  { sizeBytes, tail, overrides }: { sizeBytes: number; tail?: Uint8Array; overrides: ReadOverrides },
  { maxRecordBytes, maxDecodedBytes }: Pick<ReadLimits, 'maxRecordBytes' | 'maxDecodedBytes'>,
): Promise<void> {
  const { compression, encoding, sample } = await examine(() => [head], askedEncoding(overrides));
  if (ownSize(compression, head, tail) > maxDecodedBytes) throw tooLarge(compression, maxDecodedBytes);
  const delimiter =
    overrides.delimiter === undefined ? findDelimiter(sample) : delimiterNamed(overrides.delimiter);
  const cutter = new RecordCutter({ delimiter, maxRecordBytes });
  cutter.push(sample);
  if (!cutter.next()) {
    if (head.length < sizeBytes || sample.length >= HEAD_BYTES) return;
    cutter.finish();
    if (!cutter.next()) throw headerMissing();
  }
  try {
    headerOf(cutter, createParse(delimiter), { delimiter, maxRecordBytes });
  } catch (error) {
    // Bytes that are not UTF-8 may be another encoding, which only a look at the whole file can tell.
    if (encoding === undefined && !isAscii(sample)) return;
    throw error;
  }
}

/**
 * How much a compressed file says that it holds, so that one that owns up to more than is taken is refused before it is
 * decompressed: gzip in its last four bytes, modulo 4 GiB (RFC 1952 section 2.3.1), zstd in its first frame. 0 where it
 * says nothing. One that has several parts, or lies, is found out by the survey; why not here is told in
 * docs/decisions/0004-early-refusal.md.
 */
function ownSize(compression: Compression, head: Uint8Array, tail: Uint8Array | undefined): number {
  if (compression === 'zstd') return declaredSize(head) ?? 0;
  return compression === 'gzip' && tail?.length === 4 ? Buffer.from(tail).readUInt32LE() : 0;
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}
