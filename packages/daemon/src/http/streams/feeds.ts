/**
 * The events for watchers of a job: one feed per watched job, however many watch it. A feed listens to Redis,
 * which is quick but may lose things, and queries PostgreSQL, which holds the truth: when the feed opens, at
 * each heartbeat, when Redis has come back, every second while Redis is unavailable, and before it reports
 * that a job has ended.
 *
 * Events never go back: each has a later status, or more rows under the same status, unless a later attempt
 * has restarted the job from scratch.
 */
import { type FileReading, isFinal, type JobStatus, type Progress } from '@csvjobs/shared';
import { findProgress } from '../../sql/jobs.js';
import type { AppDeps } from '../deps.js';

/** A progress as an event of a stream. */
export interface StreamEvent {
  /** The event's id: the same state has the same id. Undefined if the event is not a state. */
  id: string | undefined;
  /** The bytes of the event, built once for all watchers. */
  frame: string;
  final: boolean;
}

export interface Watcher {
  send(event: StreamEvent): void;
  /** The job is gone: no more events follow. */
  gone(): void;
}

export interface Feeds {
  /**
   * Starts to watch. Resolves with the current state, and then calls `send` with changes; null if there is no
   * such job. `leave` stops watching, even before it has resolved.
   */
  watch(jobId: string, watcher: Watcher): { now: Promise<StreamEvent | null>; leave: () => void };
  /** Calls back at each heartbeat. */
  onHeartbeat(listener: () => void): void;
  close(): void;
}

interface Feed {
  jobId: string;
  progress: Progress | undefined;
  /** As last read from PostgreSQL. */
  attempt: number | undefined;
  lastEvent: StreamEvent | undefined;
  watchers: Set<Watcher>;
  /** Number of current and coming watchers; the last one to leave closes the feed. */
  interest: number;
  opening: Promise<StreamEvent | null>;
  stop: AbortController;
}

const ORDER: Record<JobStatus, number> = {
  ...{ pending: 0, processing: 1, held: 2, completed: 3, failed: 3, cancelled: 3, undone: 4 },
};

export function createFeeds(
  deps: Pick<AppDeps, 'pool' | 'subscriptions' | 'log'> & {
    options: { heartbeatMs?: number; pollMs?: number };
  },
): Feeds {
  const { pool, subscriptions, log } = deps;
  const { heartbeatMs = 15_000, pollMs = 1_000 } = deps.options;
  const feeds = new Map<string, Feed>();
  const listeners: (() => void)[] = [];
  let looking = false;

  const open = (jobId: string): Feed => {
    const stop = new AbortController();
    // Subscribes before querying PostgreSQL, so that what is committed in between is not missed.
    const events = subscriptions.subscribe(jobId, stop.signal);
    const feed: Feed = {
      jobId,
      progress: undefined,
      attempt: undefined,
      lastEvent: undefined,
      watchers: new Set(),
      interest: 0,
      opening: look(jobId).then((found) => (found ? offer(feed, found.progress, found.attempt) : null)),
      stop,
    };
    feeds.set(jobId, feed);
    feed.opening.then(
      (event) => (event ? listen(feed, events) : end(feed)),
      () => end(feed),
    );
    return feed;
  };

  const look = (jobId: string) => findProgress(pool, jobId);

  /** Queries PostgreSQL for an open feed. If it is unavailable, the next query has to do. */
  const refresh = async (feed: Feed) => {
    try {
      const found = await look(feed.jobId);
      if (found) offer(feed, found.progress, found.attempt);
      else end(feed);
    } catch (error) {
      log.info({ jobId: feed.jobId, err: error }, 'cannot read a watched job');
    }
  };

  const refreshAll = async () => {
    if (looking) return;
    looking = true;
    for (const feed of feeds.values()) await refresh(feed);
    looking = false;
  };

  const listen = async (feed: Feed, events: AsyncIterable<Progress>) => {
    for await (const progress of events) {
      if (progress.reading) {
        sendReading(feed, progress.reading);
        continue;
      }
      // PostgreSQL decides: a late message from before a retry must not end a stream. It also decides whether
      // a job has restarted from scratch, or a message is late.
      if (isFinal(progress.status) || wentBack(progress, feed.progress)) await refresh(feed);
      else offer(feed, progress);
    }
  };

  /**
   * Takes a progress if it is news, and sends it to the watchers. Returns the feed's resulting state. The
   * attempt is known only from PostgreSQL, so for every final state.
   */
  const offer = (feed: Feed, progress: Progress, attempt?: number): StreamEvent => {
    const later = attempt !== undefined && feed.attempt !== undefined && attempt > feed.attempt;
    feed.attempt = attempt ?? feed.attempt;
    if (feed.lastEvent && feed.progress && !later && !isNews(progress, feed.progress)) return feed.lastEvent;
    feed.progress = progress;
    const event = toStreamEvent(progress, attempt);
    feed.lastEvent = event;
    if (event.final && feeds.get(feed.jobId) === feed) feeds.delete(feed.jobId);
    for (const watcher of feed.watchers) watcher.send(event);
    if (event.final) feed.stop.abort();
    return event;
  };

  /** Tells how far the file of a job is read, as an event of its own: the others are states, with the fields of the reference. */
  const sendReading = ({ jobId, progress, watchers }: Feed, reading: FileReading) => {
    if (progress?.status !== 'pending') return;
    const frame = `event: reading\ndata: ${JSON.stringify({ jobId, ...reading })}\n\n`;
    for (const watcher of watchers) watcher.send({ id: undefined, frame, final: false });
  };

  const end = (feed: Feed) => {
    if (feeds.get(feed.jobId) === feed) feeds.delete(feed.jobId);
    feed.stop.abort();
    for (const watcher of feed.watchers) watcher.gone();
  };

  const heartbeat = setInterval(() => {
    void refreshAll();
    for (const listener of listeners) listener();
  }, heartbeatMs);
  const poll = setInterval(() => {
    if (!subscriptions.connected()) void refreshAll();
  }, pollMs);
  subscriptions.onReconnected(() => void refreshAll());

  return {
    watch: (jobId, watcher) => {
      const feed = feeds.get(jobId) ?? open(jobId);
      feed.interest++;
      let left = false;
      const now = feed.opening.then((opened) => {
        if (!left && opened && !feed.lastEvent?.final) feed.watchers.add(watcher);
        return opened && (feed.lastEvent ?? opened);
      });
      return {
        now,
        leave: () => {
          if (left) return;
          left = true;
          feed.watchers.delete(watcher);
          if (--feed.interest === 0) end(feed);
        },
      };
    },
    onHeartbeat: (listener) => {
      listeners.push(listener);
    },
    close: () => {
      clearInterval(heartbeat);
      clearInterval(poll);
      for (const feed of feeds.values()) feed.stop.abort();
      feeds.clear();
    },
  };
}

/**
 * Whether fewer rows are done than before: after its attempt has ended, an atomic job restarts from scratch.
 */
function wentBack(next: Progress, last: Progress | undefined): boolean {
  return last !== undefined && next.status === last.status && next.processedRows < last.processedRows;
}

/** Whether a progress is later than another: a later status, or more rows under the same one. */
export function isNews(next: Progress, last: Progress): boolean {
  const step = ORDER[next.status] - ORDER[last.status];
  if (step !== 0) return step > 0;
  return (
    next.processedRows > last.processedRows ||
    (last.totalRows === 0 && next.totalRows > 0) ||
    readOn(next, last)
  );
}

/** Whether the survey has read more of the file, or started another pass over it. */
function readOn({ reading: next }: Progress, { reading: last }: Progress): boolean {
  if (!next) return false;
  return !last || next.pass > last.pass || (next.pass === last.pass && next.readBytes > last.readBytes);
}

/** The id of a final state includes its attempt: a retried job may end with the same counts again. */
function toStreamEvent(progress: Progress, attempt?: number): StreamEvent {
  const { jobId, processedRows, totalRows, successCount, failedCount, status, table, counts } = progress;
  const data = JSON.stringify({
    ...{ jobId, processedRows, totalRows, successCount, failedCount, status },
    ...{ table, counts },
  });
  const final = isFinal(status);
  const id = `${status}-${processedRows}-${totalRows}${final ? `-${attempt}` : ''}`;
  return { id, frame: `id: ${id}\ndata: ${data}\n\n`, final };
}
