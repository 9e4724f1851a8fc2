/**
 * What an upload of a file would reject, by the rules of the load itself and without a database: the gate that the
 * upload passes, the survey of its job, then the records twice over (see RepeatedEmails). E-mails that are in the table
 * already are not known here; all else is told as the load tells it.
 */
import type { CheckEvent } from '@csvjobs/shared';
import { asFailure, type Failure } from '../failure.js';
import { admit } from '../intake/gate.js';
import { localFile } from '../intake/offeredFile.js';
import { RepeatedEmails } from './check/repeatedEmails.js';
import { checkSink } from './check/sink.js';
import { type CustomerSink, judgeCustomers } from './customerSink.js';
import { encodingNamed } from './decode/encodings.js';
import { decode } from './decode.js';
import { fileChunks } from './fileChunks.js';
import { customersHeader } from './headerRule.js';
import { Reader } from './reader.js';
import type { ReadTask } from './reading.js';
import { type SurveyedFile, surveyFile } from './surveyFile.js';

export interface CheckTask extends Omit<ReadTask, 'jobId' | 'emailsPath'> {
  maxUploadBytes: number;
}

/**
 * Tells what a load of the file would, in the order of checkEventSchema. Holds a few rejects at a time (see check/sink.ts).
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

  const emails = new RepeatedEmails(totalRows);
  const first = checkSink((email) => {
    emails.meet(email);
    return undefined;
  });
  for await (const _rejections of records(task, surveyed.value, first));

  let failedCount = 0;
  const second = checkSink((email, rowNumber) => emails.firstRow(email, rowNumber));
  for await (const rejections of records(task, surveyed.value, second)) {
    failedCount += rejections.length;
    for (const rejection of rejections) yield { type: 'rejected', ...rejection };
  }
  yield { type: 'checked', totalRows, successCount: totalRows - failedCount, failedCount };
}

/** Reads all records into a sink, and gives what is taken of it. */
async function* records<Taken>(
  { path, limits }: CheckTask,
  { source, layout }: SurveyedFile,
  sink: CustomerSink<Taken>,
): AsyncGenerator<Taken> {
  const { delimiter, compression } = source;
  const encoding = encodingNamed(source.encoding);
  const { maxRecordBytes, maxDecodedBytes } = limits;
  const reader = new Reader(
    { delimiter, maxRecordBytes, layout, encoding, rule: customersHeader },
    judgeCustomers(sink),
  );
  const text = decode(fileChunks(path), { compression, encoding, maxDecodedBytes });
  for await (const chunk of text) yield* reader.push(chunk);
  yield* reader.end();
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
