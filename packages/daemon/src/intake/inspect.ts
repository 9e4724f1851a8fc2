/**
 * A first look at a file, while its sender still waits for an answer: can it be a CSV file for its table at
 * all?
 */
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
import {
  type FoundHeader,
  HEADER_BYTES,
  type HeaderOptions,
  HeaderSearch,
} from '../pipeline/headerRecord.js';
import type { HeaderRule } from '../pipeline/headerRule.js';
import { mustAssumeNothing, type Notice } from '../pipeline/notice.js';
import { createParse } from '../pipeline/parse.js';
import type { ReadLimits } from '../pipeline/reading.js';
import { createCutter } from '../pipeline/records/createCutter.js';
import { Survey } from '../pipeline/survey.js';
import { askedEncoding } from '../pipeline/surveyFile.js';
import type { OfferedFile } from './offeredFile.js';

/**
 * Checks the first bytes of a file. The survey of the job finds what they do not show (a header longer than
 * they are, the encoding of a long file).
 * @param rule how to read the header
 * @returns the header, if these bytes show it in every encoding that the file may have
 * @throws {Failure} like `surveyFile`, as far as these bytes show
 */
export async function inspect<Of extends HeaderParts>(
  file: OfferedFile,
  { maxRecordBytes, maxDecodedBytes }: Pick<ReadLimits, 'maxRecordBytes' | 'maxDecodedBytes'>,
  rule: HeaderRule<Of>,
): Promise<Of | undefined> {
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
    const found = headerOf(text, { complete, enough: complete || sample.length >= HEADER_BYTES }, how);
    if (!(found instanceof Failure)) {
      // If the file is complete, its records show whether the header fits them.
      const assumed = overrides.strict || complete ? startNotices(text, complete, how) : [];
      if (overrides.strict) mustAssumeNothing([...notices, ...assumed]);
      return found && (texts.length === 1 || isAscii(found.text)) ? found.header : undefined;
    }
    faults.push(found);
  }
  throw faults[0]!;
}

interface Text {
  encoding: Encoding;
  text: Uint8Array;
  /** About its encoding. */
  notices: readonly Notice[];
}

/**
 * The start of a text of unknown encoding in each encoding that the whole file may have, likelier first. An
 * ASCII header reads the same in all of them; any other header is wrong only if it is wrong in each.
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

/** What is assumed about the start of a text: about all of it if it is complete, otherwise by its header. */
function startNotices(
  text: Uint8Array,
  complete: boolean,
  options: HeaderOptions<HeaderParts>,
): readonly Notice[] {
  const survey = new Survey(options);
  survey.push(text);
  return complete ? survey.end().notices : (survey.header?.notices ?? []);
}

/** The header of a text, or what is wrong with it; undefined if the text ends before the header does. */
function headerOf<Of extends HeaderParts>(
  text: Uint8Array,
  { complete, enough }: { complete: boolean; enough: boolean },
  options: HeaderOptions<Of>,
): FoundHeader<Of> | Failure | undefined {
  const cutter = createCutter(options);
  const search = new HeaderSearch(createParse(options), options);
  try {
    cutter.push(text);
    const early = search.next(cutter);
    if (early !== undefined || !enough) return early;
    if (complete) cutter.finish();
    const found = search.next(cutter) ?? search.end();
    return found === undefined && complete ? headerMissing(options.rule.wanted) : found;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}

/**
 * Returns the size that a compressed file declares, so that one that declares too much is refused before it
 * is decompressed: gzip in its last four bytes, modulo 4 GiB (RFC 1952 section 2.3.1), zstd in its first
 * frame. Returns 0 if it declares nothing, or more than it can hold: those are the last bytes of a truncated
 * gzip file. The survey catches a file of several parts, or a false size;
 * docs/decisions/0004-early-refusal.md explains why not here.
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

/** Deflate expands one byte to at most 1032 (zlib's technical details, zlib.net/zlib_tech.html). */
const MOST_OF_DEFLATE = 1032;
