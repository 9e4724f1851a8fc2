/**
 * The events for watchers of all jobs: one board for all watchers that see the same jobs, kept only while it
 * has watchers. Redis reports progress quickly; a query in PostgreSQL, which holds the truth, finds new jobs,
 * ends, and what Redis lost.
 */
import {
  BOARD_JOBS,
  type BoardEvent,
  isFinal,
  type JobSummary,
  type Progress,
  progressOf,
} from '@csvjobs/shared';
import { listSummaries } from '../../sql/jobList.js';
import type { AppDeps } from '../deps.js';
import { withReading } from '../withReading.js';
import { isNews } from './feeds.js';

/** Maximum number of jobs remembered as being elsewhere. */
const ELSEWHERE = 10_000;

export interface BoardWatcher {
  send(event: BoardEvent, jobId: string): void;
}

export interface JobBoard {
  /** Starts to watch; resolves with all current jobs, newest first, and then calls `send` with changes. */
  watch(watcher: BoardWatcher): { now: Promise<JobSummary[]>; leave: () => void };
  /** A job as it was last sent. */
  find(jobId: string): JobSummary | undefined;
  close(): void;
}

/**
 * @param tables limits the board to jobs whose tables match; null for all
 * @param onIdle called when the last watcher has left
 */
export function createBoard(
  deps: Pick<AppDeps, 'pool' | 'subscriptions' | 'log'> & { options: { boardMs?: number } },
  tables: string | null,
  onIdle: () => void,
): JobBoard {
  const { pool, subscriptions, log } = deps;
  const { boardMs = 2_000 } = deps.options;
  const watchers = new Set<BoardWatcher>();
  const jobs = new Map<string, JobSummary>();
  /** Jobs that Redis has reported since the last look started: the result of that look may be older. */
  const heard = new Set<string>();
  /**
   * Jobs that a look searched for and did not find: of other tables, or too old. Their progress triggers no
   * further look.
   */
  const elsewhere = new Set<string>();
  /** Jobs that the next look searches for. */
  const sought = new Set<string>();
  let interest = 0;
  let looking: Promise<void> | undefined;
  let stop: (() => void) | undefined;

  const send = (event: BoardEvent, jobId: string) => {
    for (const watcher of watchers) watcher.send(event, jobId);
  };

  /** Queries PostgreSQL. A look under way may be too old, so another one follows it. */
  const look = (): Promise<void> => {
    const after = (looking ?? Promise.resolve()).catch(() => {}).then(lookNow);
    looking = after;
    return after;
  };
  const lookNow = async () => {
    if (interest === 0) return;
    heard.clear();
    const seeking = [...sought];
    sought.clear();
    const { jobs: listed } = await listSummaries(pool, { limit: BOARD_JOBS, tables });
    const found = listed.map((job) => withReading(subscriptions, job));
    for (const job of found) {
      const known = jobs.get(job.id);
      if (known && heard.has(job.id) && isNews(progressOf(known), progressOf(job))) continue;
      if (JSON.stringify(known) === JSON.stringify(job)) continue;
      jobs.set(job.id, job);
      send({ type: 'job', job }, job.id);
    }
    const there = new Set(found.map(({ id }) => id));
    if (elsewhere.size > ELSEWHERE) elsewhere.clear();
    for (const id of seeking) if (!there.has(id)) elsewhere.add(id);
    for (const id of [...jobs.keys()]) {
      if (there.has(id)) continue;
      jobs.delete(id);
      send({ type: 'gone', jobId: id }, id);
    }
  };
  const refresh = () => {
    look().catch((error: unknown) => log.info({ err: error }, 'cannot read the jobs'));
  };

  const hear = (progress: Progress) => {
    const known = jobs.get(progress.jobId);
    if (!known) {
      if (elsewhere.has(progress.jobId)) return;
      sought.add(progress.jobId);
      return refresh();
    }
    // PostgreSQL decides whether a job has ended, and has everything about a new job but its counts.
    if (isFinal(progress.status)) return refresh();
    if (!isNews(progress, progressOf(known))) return;
    heard.add(progress.jobId);
    const { jobId, ...counts } = progress;
    const { reading: _over, ...before } = known;
    jobs.set(jobId, { ...before, ...counts });
    send({ type: 'progress', ...progress }, jobId);
  };

  const begin = () => {
    const unsubscribe = subscriptions.subscribeAll(hear);
    const timer = setInterval(refresh, boardMs);
    stop = () => {
      unsubscribe();
      clearInterval(timer);
      jobs.clear();
      sought.clear();
      elsewhere.clear();
    };
  };

  return {
    watch: (watcher) => {
      if (interest++ === 0) begin();
      let left = false;
      const now = look().then(() => {
        if (!left) watchers.add(watcher);
        return [...jobs.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
      });
      return {
        now,
        leave: () => {
          if (left) return;
          left = true;
          watchers.delete(watcher);
          if (--interest > 0) return;
          stop?.();
          onIdle();
        },
      };
    },
    find: (jobId) => jobs.get(jobId),
    close: () => stop?.(),
  };
}
