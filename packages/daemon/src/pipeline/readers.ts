/**
 * The reading threads, one per file. One always starts before a job needs it: starting takes 0.2 s (a thread and its
 * imports), longer than all other work for a small file.
 */
import { Worker } from 'node:worker_threads';
import { armedFailpoints } from '../failpoint.js';
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

interface Reader {
  thread: Worker;
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
    return { thread: new Worker(program, { workerData, name: 'csvjobs reading' }), opening };
  }

  /** Only after the thread in use has ended: otherwise two would share the cores while a job runs. */
  function prepare(): void {
    if (!ahead || closed || waiting) return;
    const started = startThread();
    const { thread } = started;
    waiting = started;
    // It must neither keep the process alive nor end it. If it dies before it is needed, a new one is started then.
    thread.unref();
    thread.on('error', () => {});
    thread.once('exit', () => {
      if (waiting === started) waiting = undefined;
    });
  }

  return {
    open(task, warn = () => {}) {
      const { thread, opening } = waiting ?? startThread();
      waiting = undefined;
      thread.ref();
      const reading = readIn(thread, task, warn);
      return {
        ...reading,
        async close() {
          await endThread(thread, opening);
          prepare();
        },
      };
    },
    async close() {
      closed = true;
      // Anything that node is opening for it ends with the process.
      await waiting?.thread.terminate();
    },
  };
}
