/**
 * The reading threads, one per file. One always waits for the next job: starting takes 0.26 CPU seconds (a thread and its
 * imports), more than all other work for a small file. So a thread that has read a small file reads another one.
 */
import { Worker } from 'node:worker_threads';
import { armedFailpoints } from '../failpoint.js';
import { freeShared } from './batch/freeShared.js';
import { endThread, newOpening } from './opening.js';
import { type Reading, type ReadTask, readIn, type Warn } from './reading.js';

export interface Readers {
  /** Reads a file. The caller must close it, which also starts the thread for the next one. */
  open(task: ReadTask, warn?: Warn): Reading;
  /** Stops the waiting thread. */
  close(): Promise<void>;
}

/** The compiled program of a thread; Node 20 runs no TypeScript. */
const PROGRAM = new URL('./readingThread.js', import.meta.url);

/**
 * A thread that has sent more batches ends with its file, which frees their memory; starting another one is a small part
 * of such a job.
 */
const REUSED_BATCHES = 2;

/** A thread ends after this many files, so that whatever memory V8 keeps of them is bounded. */
const MOST_FILES = 100;

interface Reader {
  thread: Worker;
  /** Number of files that it was given. */
  files: number;
  /** See opening.ts. */
  opening: Int32Array;
}

/**
 * @param program the threads' program; tests, which run this file from its source, name the compiled one
 * @param ahead false: start no thread in advance, because files are rare
 */
export function createReaders(program = PROGRAM, { ahead = true } = {}): Readers {
  let closed = false;
  let waiting: Reader | undefined;
  prepare();

  function startThread(): Reader {
    const opening = newOpening();
    const workerData = { failpoints: armedFailpoints(), opening };
    const thread = new Worker(program, { workerData, name: 'csvjobs reading' });
    const reader = { thread, files: 0, opening };
    // A waiting thread that dies does not end the process. If one is needed, a new one is started then.
    thread.on('error', () => {});
    thread.once('exit', () => {
      if (waiting === reader) waiting = undefined;
    });
    return reader;
  }

  /** Lets a thread wait for the next file; it does not keep the process alive. */
  function keep(reader: Reader): void {
    waiting = reader;
    reader.thread.unref();
  }

  /** Only after the thread in use has ended: otherwise two would share the cores while a job runs. */
  function prepare(): void {
    if (!ahead || closed || waiting) return;
    keep(startThread());
  }

  return {
    open(task, warn = () => {}) {
      const reader = waiting ?? startThread();
      waiting = undefined;
      reader.files++;
      reader.thread.ref();
      const { release, ...reading } = readIn(reader.thread, task, warn);
      let end: Promise<void> | undefined;
      const close = async () => {
        const isWanted = ahead && !closed && !waiting && reader.files < MOST_FILES;
        const batches = release();
        const wasSmall = batches !== undefined && batches <= REUSED_BATCHES && task.input.kind === 'file';
        if (isWanted && wasSmall) return keep(reader);
        await endThread(reader.thread, reader.opening);
        freeShared();
        prepare();
      };
      // Once: afterwards the thread may read for another job.
      return { ...reading, close: () => (end ??= close()) };
    },
    async close() {
      closed = true;
      // Anything that node is opening for it ends with the process.
      await waiting?.thread.terminate();
    },
  };
}
