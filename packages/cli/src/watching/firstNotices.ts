/** What the daemon finds in a file that nobody waits for: `upload` without --watch. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal, type Job } from '@csvjobs/shared';
import type { DaemonClient } from '../client/daemonClient.js';

/**
 * How long it is waited for, milliseconds, for all files together. A daemon that is idle has looked at a small file within
 * 0.1 s; behind other jobs it takes as long as these do, and whoever comes back for the result meets the notices there.
 */
const PATIENCE = 1_000;
const LOOK_EVERY = 50;

/**
 * Looks at jobs in their order until they have been read; `read` is told each one that has.
 * Errors end it without a word: the upload itself is done.
 */
export async function firstNotices(
  client: DaemonClient,
  ids: readonly string[],
  signal: AbortSignal,
  read: (job: Job) => void,
): Promise<void> {
  const until = performance.now() + PATIENCE;
  try {
    for (const id of ids) {
      let job = await client.job(id, signal);
      while (!wasRead(job) && performance.now() < until) {
        await sleep(LOOK_EVERY, undefined, { signal });
        job = await client.job(id, signal);
      }
      if (wasRead(job)) read(job);
      else if (performance.now() >= until) return;
    }
  } catch {}
}

function wasRead({ source, status, notices }: Job): boolean {
  return source !== null || notices.length > 0 || isFinal(status);
}
