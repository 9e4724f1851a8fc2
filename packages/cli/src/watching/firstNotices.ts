/** The daemon's notices on a file whose job is not watched: `upload` without --watch. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '@csvjobs/shared';
import { isFinal } from '@csvjobs/shared/rules';
import type { DaemonClient } from '../client/daemonClient.js';

/**
 * How long to wait for all files together, in milliseconds. An idle daemon has read a small file within 0.1 s. Behind
 * other jobs it takes as long as they do, and the notices appear with the result later.
 */
const PATIENCE = 1_000;
const LOOK_EVERY = 50;

/**
 * Polls jobs in order until their files have been read, and calls `read` for each one that has.
 * Stops silently on errors: the upload itself is done.
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
