/** Reads the records of a surveyed file into a sink. */
import { encodingNamed } from '../decode/encodings.js';
import { decode } from '../decode.js';
import { fileChunks } from '../fileChunks.js';
import type { HeaderParts } from '../header.js';
import type { HeaderRule } from '../headerRule.js';
import { Reader } from '../reader.js';
import type { ReadTask } from '../reading.js';
import type { Sink } from '../sink.js';
import type { SurveyedFile } from '../surveyFile.js';
import { firstRecords } from './firstRecords.js';

/** A file, and the number of records to read: all, if `first` is not given. */
export interface RecordsTask extends Pick<ReadTask, 'limits'> {
  path: string;
  first?: number | undefined;
}

/** Reads all records, or only the first ones, into a sink, and yields what is taken from it. */
export async function* readRecords<Taken, Of extends HeaderParts>(
  { path, limits, first = Number.POSITIVE_INFINITY }: RecordsTask,
  { source, layout }: SurveyedFile<Of>,
  rule: HeaderRule<Of>,
  sink: Sink<Taken, Of>,
): AsyncGenerator<Taken> {
  const { delimiter, dialect, compression } = source;
  const encoding = encodingNamed(source.encoding);
  const { maxRecordBytes, maxDecodedBytes } = limits;
  const wanted = firstRecords(sink, first);
  const reader = new Reader({ delimiter, dialect, maxRecordBytes, layout, encoding, rule }, wanted);
  const text = decode(fileChunks(path), { compression, encoding, maxDecodedBytes });
  for await (const chunk of text) {
    yield* reader.push(chunk);
    if (wanted.over) break;
  }
  yield* reader.end();
}
