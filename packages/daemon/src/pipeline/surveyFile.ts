/** One look over a whole file, before anything is loaded: how it is to be read, and how many records it has. */
import type { Source } from '@csvjobs/shared';
import { delimiterNamed, findDelimiter } from './decode/delimiter.js';
import { type Encoding, encodingNamed } from './decode/encodings.js';
import { examine } from './decode/examine.js';
import { EncodingVerdict } from './decode/verdict.js';
import { decode } from './decode.js';
import { fileChunks } from './fileChunks.js';
import type { Header } from './header.js';
import type { Layout } from './layout.js';
import type { ReadOverrides, ReadTask, Survey } from './reading.js';
import { Survey as RecordSurvey } from './survey.js';

/** The survey of a file, with its header and its layout for the reading that follows. */
export interface SurveyedFile extends Survey {
  header: Header;
  layout: Layout;
}

/**
 * Surveys a file: in one pass where its encoding is settled by a byte order mark, by request, or by being UTF-8, in
 * two where the first finds that it is not.
 * @throws {Failure} for what makes the file unreadable as a whole: empty, binary, damaged, without the columns
 */
export async function surveyFile({
  path,
  limits,
  overrides,
}: Pick<ReadTask, 'path' | 'limits' | 'overrides'>): Promise<SurveyedFile> {
  const open = () => fileChunks(path);
  const { compression, encoding: settled, sample } = await examine(open, askedEncoding(overrides));
  const delimiter =
    overrides.delimiter === undefined ? findDelimiter(sample) : delimiterNamed(overrides.delimiter);
  const read = (encoding: Encoding) =>
    decode(open(), { compression, encoding, maxDecodedBytes: limits.maxDecodedBytes });
  const { maxRecordBytes } = limits;

  const count = async (encoding: Encoding, also: (chunk: Uint8Array) => void = () => {}) => {
    const survey = new RecordSurvey({ delimiter, maxRecordBytes });
    let failed: { error: unknown } | undefined;
    for await (const chunk of read(encoding)) {
      also(chunk);
      // A header in another encoding may look broken here: the verdict over all bytes comes first.
      if (failed === undefined) failed = attempt(() => survey.push(chunk));
    }
    return () => {
      if (failed !== undefined) throw failed.error;
      return survey.end();
    };
  };
  const verdict = new EncodingVerdict();
  let counted = await count(
    settled ?? 'utf-8',
    settled === undefined ? (chunk) => verdict.add(chunk) : undefined,
  );
  const { encoding: found, damage } = verdict.result();
  const encoding = settled ?? found;
  if (encoding !== (settled ?? 'utf-8')) counted = await count(encoding);

  const { totalRows, header, layout, notices } = counted();
  const source: Source = { encoding, delimiter, compression, ...layout };
  return {
    totalRows,
    header,
    layout,
    source,
    notices: [...notices, ...sourceNotices(source, settled, damage)],
  };
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

function sourceNotices({ encoding }: Source, settled: Encoding | undefined, damage: number): string[] {
  if (settled !== undefined) return encoding === 'utf-8' ? [] : [`read as ${encoding}`];
  if (encoding !== 'utf-8')
    return [`read as ${encoding}, because it is not UTF-8; upload it with an encoding if that is wrong`];
  return damage === 0
    ? []
    : ['read as UTF-8, though some records have bytes that are not; those are rejected'];
}
