/** A first look at a file, while its sender still waits for an answer: can this be a CSV file of customers at all? */
import { Failure } from '../failure.js';
import { tooLarge } from '../pipeline/decode/decompress.js';
import { delimiterNamed, findDelimiter } from '../pipeline/decode/delimiter.js';
import type { Encoding } from '../pipeline/decode/encodings.js';
import { examine } from '../pipeline/decode/examine.js';
import { encodingAssumed, findEncoding } from '../pipeline/decode/findEncoding.js';
import { guess } from '../pipeline/decode/guess/guess.js';
import { readingsOf } from '../pipeline/decode/guess/judge.js';
import { WordSample } from '../pipeline/decode/guess/wordSample.js';
import type { Compression } from '../pipeline/decode/identify.js';
import { transcoderFor } from '../pipeline/decode/transcode.js';
import { EncodingVerdict } from '../pipeline/decode/verdict.js';
import { declaredSize } from '../pipeline/decode/zstdSize.js';
import { type HeaderParts, headerMissing } from '../pipeline/header.js';
import { HEADER_BYTES, type HeaderOptions, HeaderSearch } from '../pipeline/headerRecord.js';
import type { HeaderRule } from '../pipeline/headerRule.js';
import { mustAssumeNothing, type Notice } from '../pipeline/notice.js';
import { createParse } from '../pipeline/parse.js';
import type { ReadLimits } from '../pipeline/reading.js';
import { createCutter } from '../pipeline/records/createCutter.js';
import { Survey } from '../pipeline/survey.js';
import { askedEncoding } from '../pipeline/surveyFile.js';
import type { OfferedFile } from './offeredFile.js';

/**
 * Looks at the first bytes of a file. What they do not show (a header longer than they are, the encoding of a long
 * file) the survey of the job finds.
 * @param rule how the header is read
 * @throws {Failure} as `surveyFile` does, as far as these bytes tell
 */
export async function inspect(
  file: OfferedFile,
  { maxRecordBytes, maxDecodedBytes }: Pick<ReadLimits, 'maxRecordBytes' | 'maxDecodedBytes'>,
  rule: HeaderRule<HeaderParts>,
): Promise<void> {
  const { head, sizeBytes, overrides } = file;
  const { dialect } = overrides;
  const { compression, encoding, sample, complete } = await examine(() => [head], {
    asked: askedEncoding(overrides),
    whole: head.length === sizeBytes,
  });
  if (ownSize(compression, file) > maxDecodedBytes) throw tooLarge(compression, maxDecodedBytes);
  const texts =
    encoding === undefined
      ? await possibleTexts(sample, complete)
      : [{ encoding, text: sample, notices: [] }];
  const { leaveOut } = overrides;
  const faults: Failure[] = [];
  for (const { encoding: read, text, notices } of texts) {
    const delimiter =
      overrides.delimiter === undefined
        ? findDelimiter(text, rule.known, dialect)
        : delimiterNamed(overrides.delimiter);
    const how = { delimiter, dialect, maxRecordBytes, encoding: read, rule, leaveOut };
    const fault = headerFault(text, { complete, enough: complete || sample.length >= HEADER_BYTES }, how);
    if (fault === undefined) {
      // Of a whole file its records say whether the header fits them.
      const found = overrides.strict || complete ? startNotices(text, complete, how) : [];
      if (overrides.strict) mustAssumeNothing([...notices, ...found]);
      return;
    }
    faults.push(fault);
  }
  throw faults[0]!;
}

interface Text {
  encoding: Encoding;
  text: Uint8Array;
  /** On its encoding. */
  notices: readonly Notice[];
}

/**
 * The start of a text of unknown encoding in each encoding that the whole may turn out to be in, the likelier first. Where its
 * header is ASCII it reads the same in all of them; where it is not, it is wrong only if it is so in each.
 */
async function possibleTexts(sample: Uint8Array, complete: boolean): Promise<Text[]> {
  const as = (encoding: Encoding, notices: readonly Notice[] = []): Text => ({
    encoding,
    text: transcoderFor(encoding).write(sample),
    notices,
  });
  if (complete) {
    const { encoding, notices } = await findEncoding((_, raw) => raw(sample));
    return [as(encoding, notices)];
  }
  const verdict = new EncodingVerdict();
  verdict.add(sample);
  const words = new WordSample();
  words.add(sample);
  const { encoding } = verdict.result();
  if (encoding === 'iso-2022-jp') return [as(encoding), as('utf-8')];
  const others = readingsOf(words).map((reading) => reading.encoding);
  if (encoding === 'utf-8') return [as('utf-8'), ...others.map((other) => as(other))];
  const assumed = [encodingAssumed(guess(words))];
  return [...others, 'utf-8' as const].map((other) => as(other, assumed));
}

/** What is assumed of the start of a text: of all of it where it is complete, else by its header. */
function startNotices(
  text: Uint8Array,
  complete: boolean,
  options: HeaderOptions<HeaderParts>,
): readonly Notice[] {
  const survey = new Survey(options);
  survey.push(text);
  return complete ? survey.end().notices : (survey.header?.notices ?? []);
}

/** What is wrong with the header of a text; undefined also where the text ends before the header does. */
function headerFault(
  text: Uint8Array,
  { complete, enough }: { complete: boolean; enough: boolean },
  options: HeaderOptions<HeaderParts>,
): Failure | undefined {
  const cutter = createCutter(options);
  const search = new HeaderSearch(createParse(options), options);
  try {
    cutter.push(text);
    if (search.next(cutter) !== undefined) return undefined;
    if (!enough) return undefined;
    if (complete) cutter.finish();
    const found = search.next(cutter) ?? search.end();
    return found === undefined && complete ? headerMissing(options.rule.wanted) : undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/**
 * How much a compressed file says that it holds, so that one that owns up to more than is taken is refused before it is
 * decompressed: gzip in its last four bytes, modulo 4 GiB (RFC 1952 section 2.3.1), zstd in its first frame. 0 where it
 * says nothing, or more than it can hold: those are the last bytes of a gzip file that was cut off. One that has several
 * parts, or lies, is found out by the survey; why not here is told in docs/decisions/0004-early-refusal.md.
 */
function ownSize(
  compression: Compression,
  { head, tail, sizeBytes }: Pick<OfferedFile, 'head' | 'tail' | 'sizeBytes'>,
): number {
  if (compression === 'zstd') return declaredSize(head) ?? 0;
  if (compression !== 'gzip' || tail.length < 4) return 0;
  const size = Buffer.from(tail).readUInt32LE();
  return size > sizeBytes * MOST_OF_DEFLATE ? 0 : size;
}

/** Deflate makes at most 1032 bytes of one (zlib's technical details, zlib.net/zlib_tech.html). */
const MOST_OF_DEFLATE = 1032;
