/**
 * Prevents the termination of a thread while node opens a file for it: an import, or `open` of node:fs/promises.
 * Otherwise the file's descriptor stays open until the process exits (seen with Node 20: a job that was cancelled in
 * its first 0.2 s left up to 40 module files open).
 *
 * The thread and the code that terminates it share one number. Only one of them can change it from IDLE to its own
 * value.
 */
import type { MessagePort, Worker } from 'node:worker_threads';

/** Also the initial state of a thread: node opens its modules. */
const OPENING = 0;
const IDLE = 1;
const ENDING = 2;

/** The number in shared memory; part of the thread's `workerData`. */
export const newOpening = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

/** Message from the thread: no file is being opened any more. */
export interface Opened {
  type: 'opened';
}

/** Call in the thread when its imports have finished; `whileOpening` calls it at its end. */
export function opened(opening: Int32Array, port: MessagePort): void {
  Atomics.store(opening, 0, IDLE);
  port.postMessage({ type: 'opened' } satisfies Opened);
}

/** Call in the thread to run code that opens files. Never returns once the thread is being terminated. */
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

/** Terminates a thread as soon as no file is being opened for it. Does nothing if the thread has already stopped. */
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
