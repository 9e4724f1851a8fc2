/**
 * Proposes a table for a file, based on all of its records and without a database: passes the gate for uploads, surveys
 * the file as a job does, then reads each value by the rules of a load.
 */

import type { ProposalAnswer } from '@csvjobs/shared';
import { grouped, rowCount, wasOrWere, withNoun } from '@csvjobs/shared';
import { asFailure, Failure } from '../failure.js';
import { admit } from '../intake/gate.js';
import { localFile } from '../intake/offeredFile.js';
import { ColumnSurvey } from '../rows/infer/columnSurvey.js';
import { type ProposalRequest, propose } from '../rows/infer/proposal.js';
import { Unfit } from '../rows/infer/tableKey.js';
import type { ValueReading } from '../rows/infer/valueReading.js';
import { type AnyHeader, anyHeader } from './anyHeader.js';
import type { CheckTask } from './checkFile.js';
import { encodingNamed } from './decode/encodings.js';
import { decode } from './decode.js';
import { fileChunks } from './fileChunks.js';
import type { Fields } from './parse/fields.js';
import type { SoundRecord } from './parse.js';
import { Reader } from './reader.js';
import type { Reject, Sink } from './sink.js';
import { type SurveyedFile, surveyBy } from './surveyFile.js';

export type ProposalTask = CheckTask & ProposalRequest & ReadValues;

export interface ReadValues {
  /** How to read values, by a spec. */
  values?: ValueReading | undefined;
}

/**
 * Reads a file twice. The memory that it uses depends only on the number of columns.
 * @throws errors of the file system
 */
export async function proposeTable(task: ProposalTask): Promise<ProposalAnswer> {
  const { path, overrides, limits, maxUploadBytes } = task;
  try {
    await admit(await localFile(path, overrides), { ...limits, maxUploadBytes }, anyHeader);
    const file = await surveyBy(anyHeader, { ...task, input: { kind: 'file', path } });
    const { surveys, leftOut } = await surveyColumns(task, file);
    mustHaveHeader(file, surveys, leftOut);
    const proposal = propose(file.header.names, surveys, task);
    const { totalRows, source, notices } = file;
    const encoding = `read as ${source.encoding}`;
    const read = `${encoding}, with ${JSON.stringify(source.delimiter)} between fields`;
    const found = notices.filter((notice) => notice !== encoding);
    const all = [read, ...found, ...leftOutNotices(leftOut), ...rowNotices(totalRows), ...proposal.notices];
    return { type: 'proposed', ...proposal, notices: all, totalRows, source };
  } catch (error) {
    if (error instanceof Unfit) return { type: 'unfit', message: error.message };
    const failure = asFailure(error);
    if (failure.retryable || failure.code === 'unexpected') throw error;
    return { type: 'refused', code: failure.code, message: failure.message };
  }
}

/** Records that a load into any table rejects for their form. */
interface LeftOut {
  count: number;
  first: Reject | undefined;
  /** Number of records whose number of fields differs from the header's. */
  misfits: number;
  firstMisfit: Reject | undefined;
}

/**
 * Reads each value of a surveyed file once.
 * @param seen called with each record that a load would accept
 */
export async function surveyColumns(
  { path, limits, values }: Pick<ProposalTask, 'path' | 'limits' | 'values'>,
  { source, layout }: SurveyedFile<AnyHeader>,
  seen: SeenRecord = () => {},
): Promise<{ surveys: ColumnSurvey[]; leftOut: LeftOut }> {
  const surveys = Array.from({ length: layout.fields }, () => new ColumnSurvey(values));
  const leftOut: LeftOut = { count: 0, first: undefined, misfits: 0, firstMisfit: undefined };
  const encoding = encodingNamed(source.encoding);
  const { maxRecordBytes, maxDecodedBytes } = limits;
  const reader = new Reader(
    {
      delimiter: source.delimiter,
      dialect: source.dialect,
      maxRecordBytes,
      layout,
      encoding,
      rule: anyHeader,
    },
    surveySink(surveys, leftOut, seen),
  );
  const text = decode(fileChunks(path), { compression: source.compression, encoding, maxDecodedBytes });
  for await (const chunk of text) for (const _ of reader.push(chunk));
  for (const _ of reader.end());
  return { surveys, leftOut };
}

export type SeenRecord = (fields: Fields, record: SoundRecord) => void;

function surveySink(
  surveys: readonly ColumnSurvey[],
  leftOut: LeftOut,
  seen: SeenRecord,
): Sink<undefined, AnyHeader> {
  return {
    full: false,
    empty: true,
    begin() {},
    isSound: () => true,
    add(_rowNumber, line, fields, record) {
      const { bytes, starts, ends } = fields;
      seen(fields, record);
      for (let at = 0; at < surveys.length; at++) surveys[at]!.add(bytes, starts[at]!, ends[at]!, line);
      return true;
    },
    reject(reject) {
      leftOut.count++;
      leftOut.first ??= reject;
      if (reject.code !== 'wrong_number_of_fields') return;
      leftOut.misfits++;
      leftOut.firstMisfit ??= reject;
    },
    take: () => undefined,
  };
}

/**
 * Prevents a title, a note or `sep=;` above the header from becoming the table's columns.
 * @throws {Failure} `header_invalid` if most records do not fit the first line, or most columns have no name in it
 */
function mustHaveHeader(
  { header, totalRows }: SurveyedFile<AnyHeader>,
  surveys: readonly ColumnSurvey[],
  { misfits, firstMisfit }: LeftOut,
): void {
  const remove = 'Remove everything above the header and below the last record.';
  if (misfits * 2 > totalRows)
    throw new Failure(
      'header_invalid',
      `${grouped(misfits)} of ${rowCount(totalRows, 'record')} ${misfits === 1 ? 'does' : 'do'} not fit the header; the first is on line ${firstMisfit!.line}: ${firstMisfit!.message}. ${remove}`,
    );
  const named = header.names.filter((name) => name !== '').length;
  const nameless = surveys.filter(({ kinds }, at) => kinds !== 0 && (header.names[at] ?? '') === '').length;
  if (nameless > named)
    throw new Failure(
      'header_invalid',
      `${withNoun(nameless, 'column')} with values ${nameless === 1 ? 'has' : 'have'} no name in the first line, and only ${named} ${named === 1 ? 'has' : 'have'} one. ${remove}`,
    );
}

export function leftOutNotices({ count, first }: LeftOut): string[] {
  if (first === undefined) return [];
  const records = `${rowCount(count, 'record')} ${wasOrWere(count)}`;
  return [`${records} left out, which a load rejects; the first is on line ${first.line}: ${first.message}`];
}

function rowNotices(totalRows: number): string[] {
  return totalRows === 0 ? ['the file has no records: nothing is known of its values'] : [];
}
