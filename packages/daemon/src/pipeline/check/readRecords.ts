/** The records of a file that was surveyed, into a sink. */
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

/** A file, and how many of its records are wanted: all, where `first` does not say. */
export interface RecordsTask extends Pick<ReadTask, 'limits'> {
  path: string;
  first?: number | undefined;
}

/** Reads all records, or the first ones, into a sink, and gives what is taken of it. */
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
