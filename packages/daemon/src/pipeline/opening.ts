/**
 * Keeps a thread from being ended while node opens a file for it: an import, or `open` of node:fs/promises. The
 * descriptor of such a file stays open for as long as the process (seen with Node 20: a job that was cancelled in its
 * first 0.2 s left up to 40 module files open).
 *
 * The thread and who ends it share one number. Only one of them can take it from IDLE to what it wants.
 */
import type { MessagePort, Worker } from 'node:worker_threads';

/** Also the state of a new thread, whose modules node opens. */
const OPENING = 0;
const IDLE = 1;
const ENDING = 2;

/** The number in shared memory; part of the thread's `workerData`. */
export const newOpening = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

/** What the thread sends when nothing is being opened any more. */
export interface Opened {
  tell: 'opened';
}

/** In the thread: its imports have ended, or what `whileOpening` did. */
export function opened(opening: Int32Array, port: MessagePort): void {
  Atomics.store(opening, 0, IDLE);
  port.postMessage({ tell: 'opened' } satisfies Opened);
}

/** In the thread: does something that opens files. Once the thread is being ended it never returns. */
export async function whileOpening<Result>(
  opening: Int32Array,
  port: MessagePort,
  open: () => Promise<Result>,
): Promise<Result> {
  if (Atomics.compareExchange(opening, 0, IDLE, OPENING) === ENDING) return new Promise(() => {});
  try {
    return await open();
  } finally {
    opened(opening, port);
  }
}

/** Ends a thread as soon as nothing is being opened for it. Also right for one that has ended. */
export async function endThread(thread: Worker, opening: Int32Array): Promise<void> {
  while (thread.threadId !== -1 && Atomics.compareExchange(opening, 0, IDLE, ENDING) === OPENING)
    await new Promise<void>((resolve) => {
      const looked = () => {
        thread.off('exit', looked);
        thread.off('message', looked);
        resolve();
      };
      thread.once('exit', looked);
      thread.once('message', looked);
    });
  await thread.terminate();
}
