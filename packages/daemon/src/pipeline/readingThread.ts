/** The program of a reading thread: reads one file after the other, answers one request after the other (see reading.ts). */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Source } from '@csvjobs/shared';
import { armFailpoints, failpoint } from '../failpoint.js';
import { asFailure } from '../failure.js';
import type { JobTarget } from '../sql/jobTarget.js';
import { fileMissing } from '../storage/readFailures.js';
import { PayloadMemory } from './batch/memory.js';
import { withOrigin } from './customers/origin.js';
import { type Bom, encodingNamed } from './decode/encodings.js';
import { examine } from './decode/examine.js';
import { decode, resumeAt } from './decode.js';
import {
  type CustomerHeader,
  customerHeaderOf,
  type Header,
  headerMissing,
  type TargetHeader,
} from './header.js';
import { HeaderSearch } from './headerRecord.js';
import { customersHeader, headerRuleFor, targetHeader } from './headerRule.js';
import { layoutIn } from './layout.js';
import { openMetEmails } from './metEmails.js';
import { opened, whileOpening } from './opening.js';
import { createParse } from './parse.js';
import { batchReader, Reader, startOf } from './reader.js';
import type { AnyBatch, BatchesRequest, ReadAnswer, ReadRequest, ReadTask } from './reading.js';
import { createCutter } from './records/createCutter.js';
import { prepareSource, sourceChunks } from './sourceChunks.js';
import { type OnRead, surveyFile } from './surveyFile.js';
import type { TargetBatch } from './target/targetBatch.js';
import { TargetSink } from './target/targetSink.js';

/** The first batch is smaller than the others by this factor, so that the lanes do not wait long for it. */
const FIRST_BATCH = 8;

/** Bytes that a survey reads between two messages. */
const SURVEY_STEP_BYTES = 1024 * 1024;

const port: MessagePort = parentPort!;
let task: ReadTask;
/** Resolves once the file can be read; undefined if nothing has to be loaded first. */
let prepared: Promise<void> | undefined;
armFailpoints(workerData.failpoints);
const opening: Int32Array = workerData.opening;
opened(opening, port);
let memory = new PayloadMemory();
let header: Header | undefined;
/** The file's byte order mark, once it is known. */
let start: { bom: Bom | undefined } | undefined;
/** Number of batches that were requested and not yet sent. */
let wanted = 0;
let more: () => void = () => {};

port.on('message', (request: ReadRequest) => {
  if (request.ask === 'open') {
    task = request.task;
    header = undefined;
    start = undefined;
    wanted = 0;
    memory = new PayloadMemory();
    prepared = prepare(task.input);
    // The first request for the file gets this error.
    prepared?.catch(() => {});
  } else if (request.ask === 'more') {
    wanted++;
    more();
  } else if (request.ask === 'reuse') {
    memory.giveBack(request.payloads);
  } else {
    answer(request).catch((error) => {
      const { code, message, retryable } = asFailure(explained(error));
      send({ type: 'failed', code, message, retryable });
    });
  }
});

async function answer(request: Extract<ReadRequest, { ask: 'survey' | 'plan' | 'batches' }>): Promise<void> {
  if (request.ask === 'survey') {
    await prepared;
    const surveyed = await surveyFile(task, surveyProgress());
    const { headerText, totalRows, source, notices } = surveyed;
    header = surveyed.header;
    start = { bom: surveyed.bom };
    send({ type: 'survey', survey: { headerText, totalRows, source, notices } });
    return;
  }
  if (request.ask === 'plan') {
    await prepared;
    const { plan, report, customers } = withOrigin(await targetHeaderOf(request.source), task.jobId);
    send({ type: 'plan', plan: { ...plan, report, ...(customers && { customers }) } });
    return;
  }
  // Forget requests left over from an earlier reading. Before the first await, because new requests arrive at once.
  wanted = 0;
  await prepared;
  // A request with `emails` is for the path that only customers have.
  const into = request.emails ? undefined : task.into;
  for await (const batch of into?.target ? targetBatches(request, into) : batches(request)) {
    while (wanted === 0) {
      await new Promise<void>((resolve) => {
        more = resolve;
      });
    }
    wanted--;
    await failpoint('before-batch');
    send({ type: 'batch', batch });
  }
  send({ type: 'end' });
}

async function* batches(request: BatchesRequest): AsyncGenerator<AnyBatch> {
  const { source, checkpoint, emails: asked } = request;
  const emails = await openMetEmails({
    logPath: task.emailsPath,
    records: checkpoint.rowNumber,
    expected: asked?.expected ?? 0,
    table: asked?.table,
    whileOpening: (open) => whileOpening(opening, port, open),
    logFailed: ({ message }) => send({ type: 'logFailed', message }),
  });
  if (checkpoint.byteOffset > 0) header ??= await readHeader(source);
  const known = header !== undefined && { header: customerHeaderOf(header) };
  const reader = batchReader({
    ...readerOptions(request),
    ...known,
    emails,
    rule: customersHeader(task.into?.spec),
  });
  try {
    for await (const batch of read(reader, request)) {
      emails.keep(batch.checkpoint.rowNumber);
      yield batch;
    }
  } finally {
    emails.close();
  }
}

async function* targetBatches(request: BatchesRequest, into: JobTarget): AsyncGenerator<TargetBatch> {
  const options = readerOptions(request);
  const sink = new TargetSink({
    ...options,
    ...{ apart: request.apart, singles: request.singles, target: into.target, text: options },
  });
  const known = { header: await targetHeaderOf(request.source), rule: targetHeader(into) };
  yield* read(new Reader({ ...options, ...known }, sink), request);
}

function readerOptions({ source, checkpoint }: BatchesRequest) {
  const { maxRecordBytes, batchRows, batchBytes } = task.limits;
  const firstRows = Math.ceil(batchRows / FIRST_BATCH);
  const batch = { jobId: task.jobId, batchRows, batchBytes, firstRows, memory };
  const { delimiter, dialect } = source;
  const encoding = encodingNamed(source.encoding);
  const { leaveOut } = task.overrides;
  const text = { delimiter, dialect, encoding, maxRecordBytes, layout: layoutIn(source) };
  return { ...batch, ...text, checkpoint, leaveOut };
}

/** Sends the position of a survey, at most once per MiB; the main thread publishes it at its own pace. */
function surveyProgress(): OnRead {
  let sent = { readBytes: 0, pass: 1 };
  return async (readBytes, pass) => {
    if (pass === sent.pass && readBytes - sent.readBytes < SURVEY_STEP_BYTES) return;
    sent = { readBytes, pass };
    send({ type: 'surveyProgress', readBytes, pass });
    await failpoint('survey-step');
  };
}

function prepare(input: ReadTask['input']): Promise<void> | undefined {
  return input.kind === 'file' ? undefined : whileOpening(opening, port, () => prepareSource(input));
}

/** Yields everything that a reader makes of the file after the checkpoint. */
async function* read<Taken>(
  reader: Reader<Taken, CustomerHeader> | Reader<Taken, TargetHeader>,
  { source, checkpoint }: BatchesRequest,
): AsyncGenerator<Taken> {
  const encoding = encodingNamed(source.encoding);
  const { compression } = source;
  start ??= await examine(() => sourceChunks(task.input), { asked: encoding });
  const { bom } = start;
  const { fileOffset, skipBytes, fromStart } = resumeAt(
    { compression, encoding, bom },
    startOf(source, checkpoint).byteOffset,
  );
  const { maxDecodedBytes } = task.limits;
  const options = { compression, encoding, maxDecodedBytes, skipBytes, fromStart };
  for await (const chunk of decode(sourceChunks(task.input, fileOffset), options)) yield* reader.push(chunk);
  yield* reader.end();
}

async function targetHeaderOf(source: Source): Promise<TargetHeader> {
  header ??= await readHeader(source);
  if (!('plan' in header)) throw new Error('the file is for customers, which have no plan');
  return header;
}

/** Reads the header again, for a run that has not surveyed the file. */
async function readHeader(source: Source): Promise<Header> {
  const { compression, delimiter, dialect, headerLine = 1 } = source;
  const encoding = encodingNamed(source.encoding);
  const { maxRecordBytes, maxDecodedBytes } = task.limits;
  const options = {
    delimiter,
    dialect,
    maxRecordBytes,
    encoding,
    rule: headerRuleFor(task.into),
    leaveOut: task.overrides.leaveOut,
    headerLine,
  };
  const cutter = createCutter(options);
  const search = new HeaderSearch(createParse(options), options);
  for await (const chunk of decode(sourceChunks(task.input), { compression, encoding, maxDecodedBytes })) {
    cutter.push(chunk);
    const found = search.next(cutter);
    if (found !== undefined) return found.header;
  }
  cutter.finish();
  const found = search.next(cutter);
  if (found === undefined) throw headerMissing(options.rule.wanted);
  return found.header;
}

/** The failure for a file that was removed before its job started to read it. */
function explained(error: unknown): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' && path !== undefined ? fileMissing(path, error) : error;
}

function send(message: ReadAnswer): void {
  port.postMessage(message);
}
