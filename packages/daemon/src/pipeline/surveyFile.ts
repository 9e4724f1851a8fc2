/** One look over a whole file, before anything is loaded: how it is to be read, and how many records it has. */
import type { Source } from '@csvjobs/shared';
import { delimiterNamed, findDelimiter } from './decode/delimiter.js';
import { type Encoding, encodingNamed } from './decode/encodings.js';
import { examine } from './decode/examine.js';
import { findEncoding } from './decode/findEncoding.js';
import { textStart, withoutBlankStart } from './decode/textStart.js';
import { decode } from './decode.js';
import { fileChunks } from './fileChunks.js';
import type { Header, HeaderParts } from './header.js';
import { type HeaderRule, headerRuleFor } from './headerRule.js';
import type { Layout } from './layout.js';
import type { ReadOverrides, ReadTask, Survey } from './reading.js';
import { Survey as RecordSurvey, type SurveyResult } from './survey.js';

/** The survey of a file, with its header and its layout for the reading that follows. */
export interface SurveyedFile<Of extends HeaderParts = Header> extends Survey {
  header: Of;
  layout: Layout;
}

/**
 * Surveys a file: in one pass where its encoding is settled by a byte order mark, by request, or by being UTF-8, in
 * two where the first finds that it is not.
 * @throws {Failure} for what makes the file unreadable as a whole: empty, binary, damaged, without the columns
 */
export async function surveyFile(
  task: Pick<ReadTask, 'path' | 'limits' | 'overrides' | 'into'>,
): Promise<SurveyedFile> {
  return await surveyBy(headerRuleFor(task.into), task);
}

/**
 * The same with another rule for the header.
 * @param first how many records are wanted: what comes far behind them is not read, and says nothing of the encoding
 */
export async function surveyBy<Of extends HeaderParts>(
  rule: HeaderRule<Of>,
  {
    path,
    limits,
    overrides,
    first = Number.POSITIVE_INFINITY,
  }: Pick<ReadTask, 'path' | 'limits' | 'overrides'> & { first?: number | undefined },
): Promise<SurveyedFile<Of>> {
  const open = () => fileChunks(path);
  const { compression, encoding: settled, sample } = await examine(open, { asked: askedEncoding(overrides) });
  const { maxRecordBytes, maxDecodedBytes } = limits;
  const start = async () => {
    if (withoutBlankStart(sample).length === sample.length) return sample;
    return textStart(decode(open(), { compression, encoding: settled ?? 'utf-8', maxDecodedBytes }));
  };
  const delimiter =
    overrides.delimiter === undefined ? findDelimiter(await start()) : delimiterNamed(overrides.delimiter);
  let counted: () => SurveyResult<Of>;
  const count = async (encoding: Encoding, raw: (bytes: Uint8Array) => void = () => {}) => {
    const survey = new RecordSurvey({ delimiter, maxRecordBytes, encoding, rule });
    let failed: { error: unknown } | undefined;
    let whole = true;
    for await (const chunk of decode(open(), { compression, encoding, maxDecodedBytes, raw })) {
      // A header in another encoding may look broken here: the verdict over all bytes comes first.
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
  const { encoding, notices } =
    settled === undefined ? await findEncoding(count) : await count(settled).then(() => asSettled(settled));

  const { totalRows: rows, header, layout, notices: found } = counted!();
  const totalRows = Math.min(rows, first);
  const source: Source = { encoding, delimiter, compression, ...layout };
  return { totalRows, header, layout, source, notices: [...found, ...notices] };
}

/** The encoding that the person who uploaded asks for. */
export function askedEncoding({ encoding }: ReadOverrides): Encoding | undefined {
  return encoding === undefined ? undefined : encodingNamed(encoding);
}

function attempt(work: () => void): { error: unknown } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** An encoding that a byte order mark or a person names. */
function asSettled(encoding: Encoding): { encoding: Encoding; notices: string[] } {
  return { encoding, notices: encoding === 'utf-8' ? [] : [`read as ${encoding}`] };
}
