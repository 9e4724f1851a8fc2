/**
 * The daemon's jobs as they change: from its stream of all jobs, or from the list, polled every second, while there is
 * no stream. Stops only on the signal or an error.
 */
import { type BoardEvent, boardEventSchema, type JobSummary } from '@csvjobs/shared';
import { paths } from '@csvjobs/shared/paths';
import { goneError, unlessAway } from './away.js';
import type { DaemonClient } from './daemonClient.js';
import { openStream, POLL_INTERVAL } from './eventStream.js';
import { parseJson } from './parseJson.js';

export type BoardUpdate =
  | BoardEvent
  | { type: 'reconnecting'; reason: string }
  | { type: 'connected' }
  /** All jobs from a GET, newest first; a job that is missing here is gone. */
  | { type: 'jobs'; jobs: JobSummary[] };

/**
 * Reports the jobs to `report` until `signal` aborts.
 * @param patience how long the daemon may be away, milliseconds
 * @throws UserError: access is refused, or the daemon was away for longer
 */
export async function followBoard(
  client: DaemonClient,
  { signal, patience }: { signal: AbortSignal; patience: number },
  report: (event: BoardUpdate) => void,
): Promise<void> {
  let awaySince: number | undefined;
  let wake = () => {};
  const stream = openStream(client, paths.allStreams, ['job', 'progress', 'gone'], {
    message: (data) => {
      const event = boardEventSchema.safeParse(parseJson(data)).data;
      if (event) report(event);
    },
    lost: (reason) => {
      awaySince ??= performance.now();
      report({ type: 'reconnecting', reason });
      wake();
    },
    connected: () => {
      awaySince = undefined;
      report({ type: 'connected' });
    },
    ended: () => {},
  });
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  try {
    while (!signal.aborted) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (awaySince !== undefined) setTimeout(resolve, POLL_INTERVAL);
      });
      if (signal.aborted || awaySince === undefined) continue;
      const jobs = await unlessAway(() => client.summaries({ signal }));
      if (jobs) {
        report({ type: 'jobs', jobs });
        if (awaySince !== undefined) awaySince = performance.now();
      } else if (awaySince !== undefined && performance.now() - awaySince > patience) {
        throw goneError(client, patience, 'csvjobs list --watch');
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    stream.close();
  }
}
