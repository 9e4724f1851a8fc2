/** Surveys a whole file before anything is loaded: finds how to read it, and how many records it has. */
import type { Source } from '@csvjobs/shared';
import { delimiterNamed, findDelimiter } from './decode/delimiter.js';
import { type AskedEncoding, type Bom, type Encoding, encodingAsked } from './decode/encodings.js';
import { examine } from './decode/examine.js';
import { type FoundEncoding, findEncoding } from './decode/findEncoding.js';
import { textStart, withoutBlankStart } from './decode/textStart.js';
import { isMultiByte } from './decode/transcode.js';
import { decode } from './decode.js';
import type { Header, HeaderParts } from './header.js';
import { type HeaderRule, headerRuleFor } from './headerRule.js';
import type { Layout } from './layout.js';
import { mustAssumeNothing, type Notice, noticeTexts } from './notice.js';
import type { ReadOverrides, ReadTask, Survey } from './reading.js';
import { sourceChunks } from './sourceChunks.js';
import { Survey as RecordSurvey, type SurveyResult } from './survey.js';

/** The survey of a file, with the header and layout that are needed to read it. */
export interface SurveyedFile<Of extends HeaderParts = Header> extends Survey {
  header: Of;
  layout: Layout;
  footerRows: number;
  /** The byte order mark of the text. */
  bom: Bom | undefined;
  /** What shows the encoding, and the notices about everything except the encoding. */
  evidence: string;
  otherNotices: string[];
}

/** Called with the number of bytes of the stored file that a pass has read so far; the survey awaits the result. */
export type OnRead = (readBytes: number, pass: number) => Promise<void>;

/**
 * Surveys a file. One pass is enough if a byte order mark or the user's request settles the encoding, or if it is
 * UTF-8. If the first pass finds that it is not UTF-8, there are two or three.
 * @throws {Failure} if the file is unreadable as a whole: empty, binary, damaged, without the columns; `strict`
 */
export async function surveyFile(
  task: Pick<ReadTask, 'input' | 'limits' | 'overrides' | 'into' | 'cut'>,
  onRead?: OnRead,
): Promise<SurveyedFile> {
  return await surveyBy(headerRuleFor(task.into), { ...task, onRead });
}

/**
 * Surveys a file with the given rule for the header.
 * @param first number of records needed: text far behind them is not read, and has no influence on the encoding
 */
export async function surveyBy<Of extends HeaderParts>(
  rule: HeaderRule<Of>,
  {
    input,
    limits,
    overrides,
    first = Number.POSITIVE_INFINITY,
    cut = false,
    onRead = async () => {},
  }: Pick<ReadTask, 'input' | 'limits' | 'overrides' | 'cut'> & {
    first?: number | undefined;
    onRead?: OnRead | undefined;
  },
): Promise<SurveyedFile<Of>> {
  const open = () => sourceChunks(input);
  const {
    compression,
    bom,
    encoding: settled,
    sample,
  } = await examine(open, { asked: askedEncoding(overrides) });
  const { maxRecordBytes, maxDecodedBytes } = limits;
  const { dialect, leaveOut } = overrides;
  const startIn = async (encoding: Encoding) => {
    // If the encoding is not settled, the sample is not decoded, and half a character may look like a delimiter.
    const isText = settled !== undefined || !isMultiByte(encoding);
    if (isText && withoutBlankStart(sample).length === sample.length) return sample;
    return textStart(decode(open(), { compression, encoding, maxDecodedBytes }));
  };
  const delimiterIn = async (encoding: Encoding) =>
    overrides.delimiter === undefined
      ? findDelimiter(await startIn(encoding), rule.known, dialect)
      : delimiterNamed(overrides.delimiter);
  let delimiter = await delimiterIn(settled ?? 'utf-8');
  let counted: () => SurveyResult<Of>;
  let passes = 0;
  const count = async (encoding: Encoding, raw: (bytes: Uint8Array) => void = () => {}) => {
    if (settled === undefined && isMultiByte(encoding)) delimiter = await delimiterIn(encoding);
    const survey = new RecordSurvey({ delimiter, dialect, maxRecordBytes, encoding, rule, leaveOut });
    let failed: { error: unknown } | undefined;
    let whole = !cut;
    const pass = ++passes;
    const chunks = withProgress(open(), (readBytes) => onRead(readBytes, pass));
    for await (const chunk of decode(chunks, { compression, encoding, maxDecodedBytes, raw })) {
      // A header in another encoding may look invalid here, so the encoding is decided first, based on all bytes.
      if (failed === undefined) failed = attempt(() => survey.push(chunk));
      if (survey.rows >= first) {
        whole = false;
        break;
      }
    }
    counted = () => {
      if (failed !== undefined) throw failed.error;
      return survey.end(whole);
    };
  };
  const { encoding, notices, evidence } =
    settled === undefined
      ? await findEncoding(count)
      : await count(settled).then(() => asSettled(settled, bom, overrides));

  const { totalRows, header, headerText, layout, footerRows, notices: found } = counted!();
  const all: Notice[] = [...found, ...notices];
  if (overrides.strict) mustAssumeNothing(all);
  const source: Source = { encoding, delimiter, compression, ...layout, ...(dialect && { dialect }) };
  return {
    totalRows: Math.min(totalRows, first),
    header,
    headerText,
    layout,
    footerRows,
    bom,
    source,
    notices: noticeTexts(all),
    evidence,
    otherNotices: noticeTexts(found),
  };
}

/** Yields the same chunks, and reports the total number of bytes after each. */
async function* withProgress(
  chunks: AsyncIterable<Uint8Array>,
  onRead: (readBytes: number) => Promise<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let readBytes = 0;
  for await (const chunk of chunks) {
    readBytes += chunk.length;
    yield chunk;
    await onRead(readBytes);
  }
}

/** Returns the encoding that the uploader asks for. */
export function askedEncoding({ encoding }: ReadOverrides): AskedEncoding | undefined {
  return encoding === undefined ? undefined : encodingAsked(encoding);
}

function attempt(work: () => void): { error: unknown } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** Describes an encoding that the user names, or that a byte order mark or the pattern of NUL bytes shows. */
function asSettled(
  encoding: Encoding,
  bom: Bom | undefined,
  { encoding: asked }: ReadOverrides,
): FoundEncoding {
  const shown = bom === undefined ? 'its NUL bytes' : 'its byte order mark';
  return {
    encoding,
    notices: encoding === 'utf-8' ? [] : [{ note: `read as ${encoding}` }],
    evidence: asked === undefined ? shown : `asked for (${asked})`,
  };
}
