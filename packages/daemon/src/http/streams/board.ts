/**
 * What watchers of all jobs are told: one board for all that see the same jobs, kept only while somebody watches. Redis tells of
 * progress quickly; a look into PostgreSQL, which is the truth, finds new jobs, ends, and what Redis lost.
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

/** Most jobs that are known to be elsewhere. */
const ELSEWHERE = 10_000;

export interface BoardWatcher {
  tell(event: BoardEvent, jobId: string): void;
}

export interface JobBoard {
  /** Begins to watch; resolves with all jobs as they are, newest first, after which `tell` is called with changes. */
  watch(watcher: BoardWatcher): { now: Promise<JobSummary[]>; leave: () => void };
  /** A job as it was told last. */
  find(jobId: string): JobSummary | undefined;
  close(): void;
}

/**
 * @param tables the jobs that it has: those whose tables match; null for all
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
  /** Jobs that Redis has told of since the last look began: that look may be older. */
  const heard = new Set<string>();
  /** Jobs that a look was for and did not find: of other tables, or too old. Their progress asks for no further look. */
  const elsewhere = new Set<string>();
  /** Jobs that the next look is for. */
  const sought = new Set<string>();
  let interest = 0;
  let looking: Promise<void> | undefined;
  let stop: (() => void) | undefined;

  const tell = (event: BoardEvent, jobId: string) => {
    for (const watcher of watchers) watcher.tell(event, jobId);
  };

  /** Looks into PostgreSQL. A look that is under way may be too old: then another one follows it. */
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
      tell({ type: 'job', job }, job.id);
    }
    const there = new Set(found.map(({ id }) => id));
    if (elsewhere.size > ELSEWHERE) elsewhere.clear();
    for (const id of seeking) if (!there.has(id)) elsewhere.add(id);
    for (const id of [...jobs.keys()]) {
      if (there.has(id)) continue;
      jobs.delete(id);
      tell({ type: 'gone', jobId: id }, id);
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
    // The last word on an end is PostgreSQL's, and all but the counts of a new job.
    if (isFinal(progress.status)) return refresh();
    if (!isNews(progress, progressOf(known))) return;
    heard.add(progress.jobId);
    const { jobId, ...counts } = progress;
    const { reading: _over, ...before } = known;
    jobs.set(jobId, { ...before, ...counts });
    tell({ type: 'progress', ...progress }, jobId);
  };

  const begin = () => {
    const deaf = subscriptions.subscribeAll(hear);
    const timer = setInterval(refresh, boardMs);
    stop = () => {
      deaf();
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
