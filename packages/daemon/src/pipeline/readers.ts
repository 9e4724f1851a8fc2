/**
 * The threads that read, each for one file. One is started before a job asks for it: that takes 0.2 s (a thread, its
 * imports), which a small file would wait for longer than for all the rest.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { armedFailpoints } from '../failpoint.js';
import { type Reading, type ReadTask, readIn } from './reading.js';

export interface Readers {
  /** Reads a file. The caller must close it, which also starts the thread for the next one. */
  open(task: ReadTask): Reading;
  /** Ends the thread that waits. */
  close(): Promise<void>;
}

export function createReaders(): Readers {
  let closed = false;
  let waiting: Worker | undefined;
  prepare();

  /** Not before the thread in use has ended: two would share the cores while a job runs. */
  function prepare(): void {
    if (closed || waiting) return;
    const thread = startThread();
    waiting = thread;
    // It must neither keep the process alive nor end it: a thread that dies before it is needed is just not there.
    thread.unref();
    thread.on('error', () => {});
    thread.once('exit', () => {
      if (waiting === thread) waiting = undefined;
    });
  }

  return {
    open(task) {
      const thread = waiting ?? startThread();
      waiting = undefined;
      thread.ref();
      const reading = readIn(thread, task);
      return {
        ...reading,
        async close() {
          await reading.close();
          prepare();
        },
      };
    },
    async close() {
      closed = true;
      await waiting?.terminate();
    },
  };
}

function startThread(): Worker {
  return new Worker(threadProgram(), {
    workerData: { failpoints: armedFailpoints() },
    name: 'csvjobs reading',
  });
}

/** The compiled thread: beside this file, or in dist/ where this file is run from its source (in tests). */
function threadProgram(): URL {
  const beside = new URL('./readingThread.js', import.meta.url);
  return existsSync(fileURLToPath(beside))
    ? beside
    : new URL('../../dist/pipeline/readingThread.js', import.meta.url);
}
