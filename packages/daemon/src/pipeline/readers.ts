/**
 * The threads that read, each for one file. One is started before a job asks for it: that takes 0.2 s (a thread, its
 * imports), which a small file would wait for longer than for all the rest.
 */
import { Worker } from 'node:worker_threads';
import { armedFailpoints } from '../failpoint.js';
import { endThread, newOpening } from './opening.js';
import { type Reading, type ReadTask, readIn, type Warn } from './reading.js';

export interface Readers {
  /** Reads a file. The caller must close it, which also starts the thread for the next one. */
  open(task: ReadTask, warn?: Warn): Reading;
  /** Ends the thread that waits. */
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
 * @param program what the threads run: tests, which run this file from its source, name the compiled one
 * @param ahead false: none is ready before it is needed, where there is seldom one to read
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

  /** Not before the thread in use has ended: two would share the cores while a job runs. */
  function prepare(): void {
    if (!ahead || closed || waiting) return;
    const started = startThread();
    const { thread } = started;
    waiting = started;
    // It must neither keep the process alive nor end it: a thread that dies before it is needed is just not there.
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
      // What node may be opening for it ends with the process.
      await waiting?.thread.terminate();
    },
  };
}
