/**
 * A job's events as an async iterable, which continues when the stream breaks: EventSource reconnects on its own after
 * a broken connection (with Last-Event-ID), but stays CLOSED after one HTTP error, so a new one is made. While there is
 * no stream, the job is polled. The last item is the job's final state, from a GET.
 */
import type { FileReading, Job, Progress } from '@csvjobs/shared';
import { paths } from '@csvjobs/shared/paths';
import { isFinal, progressOf } from '@csvjobs/shared/rules';
import { goneError, unlessAway } from './away.js';
import type { DaemonClient } from './daemonClient.js';
import { openStream, POLL_INTERVAL } from './eventStream.js';
import { parseJson } from './parseJson.js';
import { isJobReading, isProgress } from './progressShape.js';

export type JobEvent =
  | { type: 'progress'; progress: Progress }
  /** The daemon reads the file before it loads the first row. */
  | { type: 'reading'; reading: FileReading }
  | { type: 'reconnecting'; reason: string }
  | { type: 'connected' }
  | { type: 'done'; job: Job };

export interface JobEventOptions {
  signal: AbortSignal;
  /** How long the daemon may be away before watching stops with exit 6, in milliseconds. */
  patience: number;
}

/** An event as it arrives: the data of the stream's is not yet checked. */
type Arrived =
  | Exclude<JobEvent, { type: 'progress' | 'reading' }>
  | { type: 'progress' | 'reading'; data: string };

/** Milliseconds without an event before polling the job although the stream is up: an event may be lost. */
const QUIET_INTERVAL = 15_000;

/**
 * Follows a job to its end.
 * @throws UserError: the job is unknown, access is refused, or the daemon was away for longer than `patience`;
 *   the abort's reason when aborted
 */
export async function* jobEvents(
  client: DaemonClient,
  id: string,
  { signal, patience }: JobEventOptions,
): AsyncGenerator<JobEvent> {
  // Events that the consumer has not read yet. Of several consecutive ones that show progress (or reading), only the
  // newest is kept.
  const waiting: Arrived[] = [];
  let wake = () => {};
  const put = (event: Arrived) => {
    const last = waiting.at(-1);
    const isNewer = event.type === 'progress' || event.type === 'reading';
    if (isNewer && last?.type === event.type) waiting.pop();
    waiting.push(event);
    wake();
  };

  let nextLook = performance.now() + QUIET_INTERVAL;
  const stream = openStream(client, paths.stream(id), ['message', 'reading'], {
    message: (data, type) => put({ type: type === 'reading' ? 'reading' : 'progress', data }),
    lost: (reason) => put({ type: 'reconnecting', reason }),
    connected: () => put({ type: 'connected' }),
    // The job has ended: a GET returns its final state.
    ended: () => {
      nextLook = 0;
      wake();
    },
  });
  // Uses a monotonic clock: after a change of the system clock, an hour could pass without a poll, or `patience` could
  // end at once.
  let awaySince: number | undefined;
  let finalSeen = false;
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      signal.throwIfAborted();
      const arrived = waiting.shift();
      if (arrived) {
        const event = await understood(arrived);
        if (event === undefined) continue;
        if (event.type === 'connected') awaySince = undefined;
        if (event.type === 'reconnecting') awaySince ??= performance.now();
        finalSeen = event.type === 'progress' && isFinal(event.progress.status);
        nextLook = finalSeen || awaySince !== undefined ? 0 : performance.now() + QUIET_INTERVAL;
        yield event;
      } else if (performance.now() >= nextLook) {
        const job = await look(client, id, signal);
        if (job && isFinal(job.status)) return yield { type: 'done', job };
        if (job) {
          if (awaySince !== undefined) awaySince = performance.now();
          yield { type: 'progress', progress: progressOf(job) };
        } else {
          awaySince ??= performance.now();
          if (performance.now() - awaySince > patience)
            throw goneError(client, patience, `csvjobs watch ${id}`);
        }
        nextLook =
          performance.now() + (finalSeen || awaySince !== undefined ? POLL_INTERVAL : QUIET_INTERVAL);
      } else {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const timer = setTimeout(wake, nextLook - performance.now());
        await woken;
        clearTimeout(timer);
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    stream.close();
  }
}

/** Checks an event. Returns undefined if its data has another form. zod takes long to load, so it checks only unusual data. */
async function understood(arrived: Arrived): Promise<JobEvent | undefined> {
  if (!('data' in arrived)) return arrived;
  const { type, data } = arrived;
  const value = parseJson(data);
  if (type === 'reading') {
    if (isJobReading(value)) return { type, reading: value };
    const reading = (await import('@csvjobs/shared')).jobReadingSchema.safeParse(value).data;
    return reading && { type, reading };
  }
  if (isProgress(value)) return { type, progress: value };
  const progress = (await import('@csvjobs/shared')).progressSchema.safeParse(value).data;
  return progress && { type, progress };
}

/** Returns the job, or undefined while the daemon is away. Throws errors that waiting cannot cure. */
function look(client: DaemonClient, id: string, signal: AbortSignal): Promise<Job | undefined> {
  return unlessAway(() => client.job(id, signal));
}
