/** The program of the thread that reads: answers one request after the other (see reading.ts). */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Source } from '@csvjobs/shared';
import { armFailpoints, failpoint } from '../failpoint.js';
import { asFailure, Failure } from '../failure.js';
import { PayloadMemory } from './batch/memory.js';
import type { Batch } from './batch.js';
import { type Encoding, encodingNamed } from './decode/encodings.js';
import { examine } from './decode/examine.js';
import { decode, resumeAt } from './decode.js';
import { fileChunks } from './fileChunks.js';
import type { Header } from './header.js';
import { headerRuleFor } from './headerRule.js';
import { layoutIn } from './layout.js';
import { openMetEmails } from './metEmails.js';
import { batchReader } from './reader.js';
import type { BatchesRequest, ReadAnswer, ReadRequest, ReadTask } from './reading.js';
import { Survey } from './survey.js';
import { surveyFile } from './surveyFile.js';

/** The first batch is so many times smaller than the others, so that the lanes need not wait for it for long. */
const FIRST_BATCH = 8;

const port: MessagePort = parentPort!;
let task: ReadTask;
armFailpoints(workerData.failpoints);
const memory = new PayloadMemory();
let header: Header | undefined;
/** How many batches were asked for and not yet sent. */
let wanted = 0;
let more: () => void = () => {};

port.on('message', (request: ReadRequest) => {
  if (request.ask === 'open') {
    task = request.task;
  } else if (request.ask === 'more') {
    wanted++;
    more();
  } else if (request.ask === 'reuse') {
    memory.giveBack(request.payloads);
  } else {
    answer(request).catch((error) => {
      const { code, message, retryable } = asFailure(explained(error));
      tell({ tell: 'failed', code, message, retryable });
    });
  }
});

async function answer(request: Extract<ReadRequest, { ask: 'survey' | 'batches' }>): Promise<void> {
  if (request.ask === 'survey') {
    const { header: found, layout: _, ...survey } = await surveyFile(task);
    header = found;
    tell({ tell: 'survey', survey });
    return;
  }
  for await (const batch of batches(request)) {
    while (wanted === 0) {
      await new Promise<void>((resolve) => {
        more = resolve;
      });
    }
    wanted--;
    await failpoint('before-batch');
    tell({ tell: 'batch', batch });
  }
  tell({ tell: 'end' });
}

async function* batches({
  source,
  checkpoint,
  emails: { expected, table },
}: BatchesRequest): AsyncGenerator<Batch> {
  const encoding = encodingNamed(source.encoding);
  const { compression, delimiter } = source;
  const { maxRecordBytes, maxDecodedBytes, batchRows, batchBytes } = task.limits;
  const { bom } = await examine(() => fileChunks(task.path), { asked: encoding });
  const { fileOffset, skipBytes, fromStart } = resumeAt(
    { compression, encoding, bom },
    checkpoint.byteOffset,
  );
  if (checkpoint.byteOffset > 0) header ??= await readHeader(source, encoding);
  const emails = await openMetEmails({
    logPath: task.emailsPath,
    records: checkpoint.rowNumber,
    expected,
    table,
    logFailed: ({ message }) => tell({ tell: 'logFailed', message }),
  });
  const reader = batchReader({
    jobId: task.jobId,
    emails,
    delimiter,
    encoding,
    maxRecordBytes,
    batchRows,
    batchBytes,
    firstRows: Math.ceil(batchRows / FIRST_BATCH),
    memory,
    layout: layoutIn(source),
    checkpoint,
    ...(header !== undefined && 'positions' in header && { header }),
  });
  for await (const chunk of decode(fileChunks(task.path, fileOffset), {
    compression,
    encoding,
    maxDecodedBytes,
    skipBytes,
    fromStart,
  })) {
    yield* kept(reader.push(chunk));
  }
  yield* kept(reader.end());

  function* kept(ready: Iterable<Batch>): Generator<Batch> {
    for (const batch of ready) {
      emails.keep(batch.checkpoint.rowNumber);
      yield batch;
    }
  }
}

/** The header again, for a run that goes on behind it. */
async function readHeader({ compression, delimiter }: Source, encoding: Encoding): Promise<Header> {
  const { maxRecordBytes, maxDecodedBytes } = task.limits;
  const survey = new Survey({ delimiter, maxRecordBytes, encoding, rule: headerRuleFor(task.into) });
  for await (const chunk of decode(fileChunks(task.path), { compression, encoding, maxDecodedBytes })) {
    survey.push(chunk);
    if (survey.header !== undefined) return survey.header;
  }
  return survey.end().header;
}

/** A job without its file: removed by hand, or UPLOAD_DIR is another one now. */
function explained(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error;
  return new Failure(
    'file_missing',
    `the uploaded file is not at ${task.path} any more; put it back and retry the job, or upload it again`,
    { cause: error },
  );
}

function tell(message: ReadAnswer): void {
  port.postMessage(message);
}
