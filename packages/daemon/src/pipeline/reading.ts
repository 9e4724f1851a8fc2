/**
 * The reading side of a job, in a thread of its own: parsing a million records takes about a second of CPU, during
 * which the event loop must keep answering the API and renewing the queue's lock.
 *
 * The thread (readingThread.ts, started by readers.ts) handles one request at a time: a survey, then batches. It makes a
 * new batch only while fewer than `AHEAD` are waiting, so memory is bounded for any file.
 */
import type { Worker } from 'node:worker_threads';
import type { FileDialect, FileReading, Source } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import type { RowPlan } from '../rows/rowPlan.js';
import type { JobInto } from '../sql/jobTarget.js';
import type { Connection } from '../sql/pool.js';
import type { RowsApart } from '../sql/target/sideBySide.js';
import type { ByteSource } from '../storage/source.js';
import { type Batch, customerPayloads } from './batch.js';
import type { Checkpoint } from './checkpoint.js';
import type { ReportColumns } from './fixes/reportColumns.js';
import type { TargetHeader } from './header.js';
import type { Opened } from './opening.js';
import { payloadsOf, type TargetBatch } from './target/targetBatch.js';

/** Number of batches prepared in advance: the thread makes the next one while one is loaded. */
const AHEAD = 2;

const LOG_FAILED =
  'cannot log the e-mails of a job on disk; its load continues, but another attempt would read them from the table, which is slower';

/** Limits for reading. */
export interface ReadLimits {
  maxRecordBytes: number;
  maxDecodedBytes: number;
  batchRows: number;
  batchBytes: number;
}

/** The uploader's options for the file; anything not given is detected. */
export interface ReadOverrides {
  encoding?: string | undefined;
  delimiter?: string | undefined;
  /** For a file of fixed records: names of the columns that the report added. */
  leaveOut?: readonly string[] | undefined;
  dialect?: FileDialect | undefined;
  /** No assumptions allowed (see notice.ts). */
  strict?: boolean | undefined;
}

/** The result of one pass over the whole file, before anything is loaded. */
export interface Survey {
  totalRows: number;
  /** The file's header record as it is in the file. */
  headerText: string;
  source: Source;
  notices: string[];
}

/** The position of a survey. */
export type SurveyProgress = Omit<FileReading, 'totalBytes'>;

export interface ReadTask {
  /** Where the file is. */
  input: ByteSource;
  /** Where to log the keys of the e-mails seen so far. */
  emailsPath: string;
  jobId: string;
  limits: ReadLimits;
  overrides: ReadOverrides;
  /** The table to load into, which decides how to read the header, and the spec. */
  into?: JobInto;
  /** This is only the beginning of a file: the text after the last line end is half a record. */
  cut?: boolean;
}

/** Where and how to start reading for a load. */
export interface BatchesRequest {
  source: Source;
  checkpoint: Checkpoint;
  /** For customers: the approximate number of e-mails, and where to read the table's, if they are needed. */
  emails?: { expected: number; table: Connection | undefined };
  /** For another table: whether its rows may be loaded out of order, and which key prevents it (see TargetBatchOptions). */
  apart?: RowsApart | undefined;
  /** For another table: make each of this many first records a batch of its own. */
  singles?: number;
}

/** A batch of customers or of another table, depending on the thread's task. */
export type AnyBatch = Batch | TargetBatch;

/** How to make rows of the file's records, and which of its columns come from a report. */
export interface FilePlan extends RowPlan, Pick<TargetHeader, 'customers'> {
  report?: ReportColumns | undefined;
}

/** Messages to the thread. `open` names the file, and the following refer to it. */
export type ReadRequest =
  | { ask: 'open'; task: ReadTask }
  | { ask: 'survey' }
  | { ask: 'plan'; source: Source }
  | ({ ask: 'batches' } & BatchesRequest)
  | { ask: 'more' }
  | { ask: 'reuse'; payloads: Uint8Array[] };

/** Messages from the thread. */
export type ReadAnswer =
  | { type: 'survey'; survey: Survey }
  | { type: 'plan'; plan: FilePlan }
  | { type: 'batch'; batch: AnyBatch }
  | { type: 'end' }
  /** Any number of these before a survey. */
  | ({ type: 'surveyProgress' } & SurveyProgress)
  /** At any time: the log of e-mails has failed. */
  | { type: 'logFailed'; message: string }
  /** At any time: see opening.ts. */
  | Opened
  | { type: 'failed'; code: string; message: string; retryable: boolean };

export interface Reading {
  /**
   * Surveys the whole file once. Throws `Failure` for reasons in the file (such as a header without the columns).
   * @param onProgress called while a large file is read
   */
  survey(onProgress?: (progress: SurveyProgress) => void): Promise<Survey>;
  /** Returns how to make rows of the task's table, according to the file's header. */
  plan(source: Source): Promise<FilePlan>;
  /**
   * Yields the file's batches after the checkpoint, in file order, of the kind that the task needs. The thread makes the first ones at
   * once, even before they are asked for.
   */
  batches<Kind extends AnyBatch>(from: BatchesRequest): AsyncGenerator<Kind>;
  /** Returns the memory of a committed batch to the thread. Do not use the batch afterwards. */
  giveBack(batch: AnyBatch): void;
  /** Ends the reading. Its thread ends too, unless it can read the file of another job. */
  close(): Promise<void>;
}

/** Called with a message for the log and its cause. The load continues and stays exact. */
export type Warn = (message: string, reason: Error) => void;

/** A reading whose thread may read another file afterwards (readers.ts). */
export interface OpenReading extends Omit<Reading, 'close'> {
  /**
   * Lets go of the thread. Returns how many batches it has sent; undefined if it still reads or has failed, so that it
   * cannot read another file.
   */
  release(): number | undefined;
}

/** Reads a file in a thread that has no other to read. */
export function readIn(thread: Worker, task: ReadTask, warn: Warn): OpenReading {
  const answers: Exclude<ReadAnswer, { type: 'logFailed' | 'opened' | 'surveyProgress' }>[] = [];
  let onSurveyProgress: (progress: SurveyProgress) => void = () => {};
  let wake: () => void = () => {};
  /** Why the thread will send no more answers. */
  let ended: Failure | undefined;
  /** Number of requests whose last answer has not been taken, or is a failure. */
  let open = 0;
  let sent = 0;
  let isReleased = false;
  const arrived = (answer: ReadAnswer) => {
    if (answer.type === 'opened') return;
    if (answer.type === 'surveyProgress') return onSurveyProgress(answer);
    if (answer.type === 'logFailed') return warn(LOG_FAILED, new Error(answer.message));
    answers.push(answer);
    wake();
  };
  const broke = (message: string, cause?: unknown) => {
    const failure = new Failure('reader_broke', message, { retryable: true, cause });
    ended ??= failure;
    wake();
  };
  const failed = (error: Error) => broke(`the reading thread failed: ${error.message}`, error);
  const exited = (code: number) => broke(`the reading thread ended with code ${code}`);
  thread.on('message', arrived);
  thread.on('error', failed);
  thread.on('exit', exited);

  async function next(): Promise<
    Exclude<ReadAnswer, { type: 'failed' | 'logFailed' | 'opened' | 'surveyProgress' }>
  > {
    while (answers.length === 0) {
      if (ended) throw ended;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const answer = answers.shift()!;
    if (answer.type === 'failed')
      throw new Failure(answer.code, answer.message, { retryable: answer.retryable });
    if (answer.type === 'batch') sent++;
    else open--;
    return answer;
  }

  /** A thread that has been let go of may read the file of another job. */
  function ask(request: ReadRequest): void {
    if (!isReleased) thread.postMessage(request);
  }

  async function* answered<Kind extends AnyBatch>(): AsyncGenerator<Kind> {
    while (true) {
      const answer = await next();
      if (answer.type === 'end') return;
      if (answer.type !== 'batch') throw new Error(`expected batches, but the thread sent: ${answer.type}`);
      ask({ ask: 'more' });
      yield answer.batch as Kind;
    }
  }

  ask({ ask: 'open', task });
  return {
    release() {
      isReleased = true;
      thread.off('message', arrived);
      thread.off('error', failed);
      thread.off('exit', exited);
      const batches = open === 0 && ended === undefined ? sent : undefined;
      // No answer arrives any more: whoever still waits for one must not wait forever.
      broke('the reading was closed');
      return batches;
    },
    async survey(onProgress = () => {}) {
      onSurveyProgress = onProgress;
      open++;
      ask({ ask: 'survey' });
      const answer = await next();
      if (answer.type !== 'survey') throw new Error(`expected a survey, but the thread sent: ${answer.type}`);
      return answer.survey;
    },
    async plan(source) {
      open++;
      ask({ ask: 'plan', source });
      const answer = await next();
      if (answer.type !== 'plan') throw new Error(`expected a plan, but the thread sent: ${answer.type}`);
      return answer.plan;
    },
    batches<Kind extends AnyBatch>(from: BatchesRequest) {
      open++;
      ask({ ask: 'batches', ...from });
      for (let ahead = 0; ahead < AHEAD; ahead++) ask({ ask: 'more' });
      return answered<Kind>();
    },
    giveBack(batch) {
      ask({ ask: 'reuse', payloads: 'direct' in batch ? customerPayloads(batch) : payloadsOf(batch) });
    },
  };
}
