/**
 * What an upload of a file would reject, by the rules of the load itself and without a database: the gate that the
 * upload passes, the survey of its job, then the records twice over (see RepeatedEmails). E-mails that are in the table
 * already are not known here; all else is told as the load tells it.
 */
import type { CheckEvent, Customer, Rejection } from '@csvjobs/shared';
import { asFailure, type Failure } from '../failure.js';
import { admit } from '../intake/gate.js';
import { localFile } from '../intake/offeredFile.js';
import { EmailFilter } from './batch/emailFilter.js';
import { RepeatedEmails } from './check/repeatedEmails.js';
import { checkSink } from './check/sink.js';
import { encodingNamed } from './decode/encodings.js';
import { decode } from './decode.js';
import { fileChunks } from './fileChunks.js';
import { Reader, type Sink } from './reader.js';
import type { ReadTask } from './reading.js';
import { surveyFile } from './surveyFile.js';

export interface CheckTask extends Omit<ReadTask, 'jobId' | 'emailsPath'> {
  maxUploadBytes: number;
}

/** Of no job. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Tells what a load of the file would, in the order of checkEventSchema. Holds the rejects of one chunk at a time.
 * @throws errors of the file system, and {Failure} `check_too_large`
 */
export async function* checkFile(task: CheckTask): AsyncGenerator<CheckEvent> {
  const { path, overrides, limits, maxUploadBytes } = task;
  const refused = await failureOf(async () =>
    admit(await localFile(path, overrides), { ...limits, maxUploadBytes }),
  );
  if (refused.failure) {
    const { code, message } = refused.failure;
    return yield { type: 'refused', code, message };
  }
  const surveyed = await failureOf(() => surveyFile(task));
  if (surveyed.failure) {
    const { code, message } = surveyed.failure;
    return yield { type: 'failed', code, message };
  }
  const { totalRows, source, notices } = surveyed.value;
  yield { type: 'read', totalRows, source, notices };

  const read = (sink: (reader: () => Reader) => Sink) => records(task, source, sink);
  const emails = new RepeatedEmails(totalRows);
  for await (const _chunk of read((reader) =>
    checkSink({
      header: () => reader().header!,
      valid: (_row, _line, customer) => emails.meet(customer().email),
      rejected: () => {},
    }),
  ));

  let failedCount = 0;
  let rejections: Rejection[] = [];
  const chunks = read((reader) =>
    checkSink({
      header: () => reader().header!,
      valid: (rowNumber, line, customer) => {
        const first = emails.firstRow(customer().email, rowNumber);
        if (first !== undefined) rejections.push(duplicate(rowNumber, line, first, customer()));
      },
      rejected: (rejection) => rejections.push(rejection),
    }),
  );
  for await (const _chunk of chunks) {
    failedCount += rejections.length;
    for (const rejection of rejections) yield { type: 'rejected', ...rejection };
    rejections = [];
  }
  yield { type: 'checked', totalRows, successCount: totalRows - failedCount, failedCount };
}

/** Reads all records into a sink; comes back after each chunk, and at the end. */
async function* records(
  { path, limits }: CheckTask,
  {
    encoding,
    delimiter,
    compression,
  }: { encoding: string; delimiter: string; compression: 'none' | 'gzip' | 'zstd' },
  sinkFor: (reader: () => Reader) => Sink,
): AsyncGenerator<void> {
  const encodingRead = encodingNamed(encoding);
  const reader: Reader = new Reader(
    { ...limits, jobId: NO_ID, emails: new EmailFilter(0), delimiter, encoding: encodingRead },
    sinkFor(() => reader),
  );
  const text = decode(fileChunks(path), {
    compression,
    encoding: encodingRead,
    maxDecodedBytes: limits.maxDecodedBytes,
  });
  for await (const chunk of text) {
    reader.push(chunk);
    yield;
  }
  reader.end();
  yield;
}

/** The words are those of customers.ts, whose place the statements there take in a load. */
function duplicate(rowNumber: number, line: number, first: number, customer: Customer): Rejection {
  const { name, email, phone, company } = customer;
  return {
    rowNumber,
    line,
    column: 'email',
    code: 'duplicate_in_file',
    message: `duplicate of row ${first}`,
    row: { name, email, phone: phone ?? '', company },
  };
}

type Tried<T> = { failure: Failure; value?: undefined } | { failure?: undefined; value: T };

/** A Failure is what is wrong with the file; anything else is thrown on. */
async function failureOf<T>(work: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.retryable || failure.code === 'unexpected') throw error;
    return { failure };
  }
}
