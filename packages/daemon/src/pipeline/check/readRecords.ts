/** All records of a file that was surveyed, into a sink. */
import { encodingNamed } from '../decode/encodings.js';
import { decode } from '../decode.js';
import { fileChunks } from '../fileChunks.js';
import type { HeaderParts } from '../header.js';
import type { HeaderRule } from '../headerRule.js';
import { Reader } from '../reader.js';
import type { ReadTask } from '../reading.js';
import type { Sink } from '../sink.js';
import type { SurveyedFile } from '../surveyFile.js';

/** Reads all records into a sink, and gives what is taken of it. */
export async function* readRecords<Taken, Of extends HeaderParts>(
  { path, limits }: Pick<ReadTask, 'path' | 'limits'>,
  { source, layout }: SurveyedFile<Of>,
  rule: HeaderRule<Of>,
  sink: Sink<Taken, Of>,
): AsyncGenerator<Taken> {
  const { delimiter, dialect, compression } = source;
  const encoding = encodingNamed(source.encoding);
  const { maxRecordBytes, maxDecodedBytes } = limits;
  const reader = new Reader({ delimiter, dialect, maxRecordBytes, layout, encoding, rule }, sink);
  const text = decode(fileChunks(path), { compression, encoding, maxDecodedBytes });
  for await (const chunk of text) yield* reader.push(chunk);
  yield* reader.end();
}
