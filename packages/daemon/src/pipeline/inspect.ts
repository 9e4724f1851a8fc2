/** A first look at an upload, while the client still waits for an answer: can this be a CSV file of customers at all? */
import { tooLarge } from './decode/decompress.js';
import { delimiterNamed, findDelimiter } from './decode/delimiter.js';
import { examine } from './decode/examine.js';
import { HEAD_BYTES } from './decode/identify.js';
import { headerMissing } from './header.js';
import { createParse } from './parse.js';
import { headerOf } from './reader.js';
import type { ReadLimits, ReadOverrides } from './reading.js';
import { RecordCutter } from './records.js';
import { askedEncoding } from './surveyFile.js';

/**
 * Looks at the first bytes of a file. What it cannot see (a header longer than that, say) the survey of the job will.
 * @param head the first bytes of the file, `sizeBytes` of which it has; 128 KiB are enough for 64 KiB of text even
 *   where compression makes text longer
 * @param tail the last bytes, where they are known: of a gzip file they say how long its text is (RFC 1952 section
 *   2.3.1), so that one that owns up to more than is taken is refused before it is decompressed. One that does not
 *   (it may be of several parts, or lie) is found out by the survey
 * @throws {Failure} as `surveyFile` does, as far as these bytes tell
 */
export async function inspect(
  head: Uint8Array,
  { sizeBytes, tail, overrides }: { sizeBytes: number; tail?: Uint8Array; overrides: ReadOverrides },
  { maxRecordBytes, maxDecodedBytes }: Pick<ReadLimits, 'maxRecordBytes' | 'maxDecodedBytes'>,
): Promise<void> {
  const { compression, encoding, sample } = await examine(() => [head], askedEncoding(overrides));
  if (compression === 'gzip' && tail?.length === 4 && Buffer.from(tail).readUInt32LE() > maxDecodedBytes)
    throw tooLarge(compression, maxDecodedBytes);
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

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}
