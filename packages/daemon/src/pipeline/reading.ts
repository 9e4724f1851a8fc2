/**
 * The reading side of a job, in a thread of its own: parsing a million records takes about a second of CPU, during
 * which the event loop must go on answering the API and renewing the queue's lock.
 *
 * The thread (readingThread.ts, started by readers.ts) is asked for one thing at a time: a survey, then batches. It makes a new batch only
 * while fewer than `AHEAD` are not yet taken, so what is in memory is bounded whatever the file.
 */
import type { Worker } from 'node:worker_threads';
import type { FileDialect, FileReading, Source } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import type { RowPlan } from '../rows/rowPlan.js';
import type { JobInto } from '../sql/jobProgress.js';
import type { Connection } from '../sql/pool.js';
import type { RowsApart } from '../sql/target/sideBySide.js';
import type { ByteSource } from '../storage/source.js';
import { type Batch, customerPayloads } from './batch.js';
import type { Checkpoint } from './checkpoint.js';
import type { ReportColumns } from './fixes/reportColumns.js';
import type { TargetHeader } from './header.js';
import type { Opened } from './opening.js';
import { payloadsOf, type TargetBatch } from './target/targetBatch.js';

/** Batches that may be ready before they are asked for: the next one is made while one is loaded. */
const AHEAD = 2;

const LOG_FAILED =
  'cannot log the e-mails of a job on disk; its load continues, but another attempt would read them from the table, which is slower';

/** Bounds on what reading may take. */
export interface ReadLimits {
  maxRecordBytes: number;
  maxDecodedBytes: number;
  batchRows: number;
  batchBytes: number;
}

/** What the person who uploaded says about the file; what is not said is found out. */
export interface ReadOverrides {
  encoding?: string | undefined;
  delimiter?: string | undefined;
  /** Of a file of fixed records: names of columns that the report has added. */
  leaveOut?: readonly string[] | undefined;
  dialect?: FileDialect | undefined;
  /** Nothing may be assumed (see notice.ts). */
  strict?: boolean | undefined;
}

/** What one pass over the whole file tells before anything is loaded. */
export interface Survey {
  totalRows: number;
  /** The file's header record as it is in the file. */
  headerText: string;
  source: Source;
  notices: string[];
}

/** How far the survey of a file is. */
export type SurveyProgress = Omit<FileReading, 'totalBytes'>;

export interface ReadTask {
  /** Where the file is. */
  input: ByteSource;
  /** Where the keys of the e-mails that were met are kept. */
  emailsPath: string;
  jobId: string;
  limits: ReadLimits;
  overrides: ReadOverrides;
  /** The table that the file is for, by which its header is read, and its spec. */
  into?: JobInto;
  /** The file is only the beginning of one: what stands behind its last line is half a record, and it has no end. */
  cut?: boolean;
}

/** What reading for a load starts from. */
export interface BatchesRequest {
  source: Source;
  checkpoint: Checkpoint;
  /** Of customers: how many e-mails there will be, about, and where the table's are to be had, if they shall be known. */
  emails?: { expected: number; table: Connection | undefined };
  /** Of another table: whether its rows may be loaded in another order, and by which key not (see TargetBatchOptions). */
  apart?: RowsApart | undefined;
  /** The same: each of so many records at the beginning of the file is a batch of its own. */
  singles?: number;
}

/** A batch of customers, or of another table: as the task of the thread says. */
export type AnyBatch = Batch | TargetBatch;

/** How rows are made of the file's records, and which columns of it are a report's. */
export interface FilePlan extends RowPlan, Pick<TargetHeader, 'customers'> {
  report?: ReportColumns | undefined;
}

/** To the thread; the first is the file that all others are about. */
export type ReadRequest =
  | { ask: 'open'; task: ReadTask }
  | { ask: 'survey' }
  | { ask: 'plan'; source: Source }
  | ({ ask: 'batches' } & BatchesRequest)
  | { ask: 'more' }
  | { ask: 'reuse'; payloads: Uint8Array[] };

/** From the thread. */
export type ReadAnswer =
  | { tell: 'survey'; survey: Survey }
  | { tell: 'plan'; plan: FilePlan }
  | { tell: 'batch'; batch: AnyBatch }
  | { tell: 'end' }
  /** Any number of these before a survey. */
  | ({ tell: 'surveyProgress' } & SurveyProgress)
  /** At any time: the log of e-mails is no more. */
  | { tell: 'logFailed'; message: string }
  /** At any time: see opening.ts. */
  | Opened
  | { tell: 'failed'; code: string; message: string; retryable: boolean };

export interface Reading {
  /**
   * Looks at the whole file once. Throws `Failure` for reasons in the file (a header without the columns, say).
   * @param onProgress called while a large file is read
   */
  survey(onProgress?: (progress: SurveyProgress) => void): Promise<Survey>;
  /** How the rows of the task's table are made, by the file's header. */
  plan(source: Source): Promise<FilePlan>;
  /** The file's batches from the checkpoint on, in its order; of the kind that the task asks for. */
  batches<Kind extends AnyBatch>(from: BatchesRequest): AsyncGenerator<Kind>;
  /** Gives the memory of a batch that is committed back to the thread. Nobody may look at it any more. */
  giveBack(batch: AnyBatch): void;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** Called with a sentence for the log, and the reason: the load goes on, and is as exact as before. */
export type Warn = (message: string, reason: Error) => void;

/** Reads a file in a thread that has read none yet. */
export function readIn(thread: Worker, task: ReadTask, warn: Warn): Omit<Reading, 'close'> {
  const answers: Exclude<ReadAnswer, { tell: 'logFailed' | 'opened' | 'surveyProgress' }>[] = [];
  let onSurveyProgress: (progress: SurveyProgress) => void = () => {};
  let wake: () => void = () => {};
  /** Why there will be no more answers. */
  let ended: Failure | undefined;
  const arrived = (answer: ReadAnswer) => {
    if (answer.tell === 'opened') return;
    if (answer.tell === 'surveyProgress') return onSurveyProgress(answer);
    if (answer.tell === 'logFailed') return warn(LOG_FAILED, new Error(answer.message));
    answers.push(answer);
    wake();
  };
  const broke = (message: string, cause?: unknown) => {
    const failure = new Failure('reader_broke', message, { retryable: true, cause });
    ended ??= failure;
    wake();
  };
  thread.on('message', arrived);
  thread.on('error', (error) => broke(`the reading thread failed: ${error.message}`, error));
  thread.on('exit', (code) => broke(`the reading thread ended with code ${code}`));

  async function next(): Promise<
    Exclude<ReadAnswer, { tell: 'failed' | 'logFailed' | 'opened' | 'surveyProgress' }>
  > {
    while (answers.length === 0) {
      if (ended) throw ended;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const answer = answers.shift()!;
    if (answer.tell === 'failed')
      throw new Failure(answer.code, answer.message, { retryable: answer.retryable });
    return answer;
  }

  function ask(request: ReadRequest): void {
    thread.postMessage(request);
  }

  ask({ ask: 'open', task });
  return {
    async survey(onProgress = () => {}) {
      onSurveyProgress = onProgress;
      ask({ ask: 'survey' });
      const answer = await next();
      if (answer.tell !== 'survey')
        throw new Error(`a survey was asked for, the thread told: ${answer.tell}`);
      return answer.survey;
    },
    async plan(source) {
      ask({ ask: 'plan', source });
      const answer = await next();
      if (answer.tell !== 'plan') throw new Error(`a plan was asked for, the thread told: ${answer.tell}`);
      return answer.plan;
    },
    async *batches<Kind extends AnyBatch>(from: BatchesRequest) {
      ask({ ask: 'batches', ...from });
      for (let ahead = 0; ahead < AHEAD; ahead++) ask({ ask: 'more' });
      while (true) {
        const answer = await next();
        if (answer.tell === 'end') return;
        if (answer.tell !== 'batch')
          throw new Error(`batches were asked for, the thread told: ${answer.tell}`);
        ask({ ask: 'more' });
        yield answer.batch as Kind;
      }
    },
    giveBack(batch) {
      ask({ ask: 'reuse', payloads: 'direct' in batch ? customerPayloads(batch) : payloadsOf(batch) });
    },
  };
}
