/** A first look at an upload, while the client still waits for an answer: can this be a CSV file of customers at all? */
import { Failure } from '../failure.js';
import { delimiterNamed, findDelimiter } from './decode/delimiter.js';
import { examine } from './decode/examine.js';
import { createParse } from './parse.js';
import { headerOf } from './reader.js';
import { RecordCutter } from './records.js';
import type { ReadOverrides } from './reading.js';
import { askedEncoding } from './surveyFile.js';

/** How much of a file to give to `inspect`: enough for 64 KiB of text, also where compression makes it longer. */
export const INSPECT_BYTES = 128 * 1024;

/**
 * Looks at the first bytes of a file. What it cannot see (a header longer than that, say) the survey of the job will.
 * @param head the first INSPECT_BYTES of the file, or all of it where it is shorter
 * @throws {Failure} as `surveyFile` does, as far as the first bytes tell
 */
export async function inspect(head: Uint8Array, overrides: ReadOverrides, maxRecordBytes: number): Promise<void> {
  const whole = head.length < INSPECT_BYTES;
  const { encoding, sample } = await examine(() => [head], askedEncoding(overrides));
  const delimiter = overrides.delimiter === undefined ? findDelimiter(sample) : delimiterNamed(overrides.delimiter);
  const cutter = new RecordCutter({ delimiter, maxRecordBytes });
  cutter.push(sample);
  if (whole) cutter.finish();
  if (!cutter.next()) {
    if (!whole) return;
    throw new Failure('file_empty', 'the file has no records, not even a header; export it again with its column names');
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
