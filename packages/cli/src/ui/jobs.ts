/** The jobs of the live board as a store: updated at any rate, drawn at most four times a second. */
import type { JobSummary } from '@csvjobs/shared';
import type { BoardUpdate } from '../client/boardEvents.js';

export interface JobsState {
  /** Newest first. */
  jobs: readonly JobSummary[];
  reconnecting: string | undefined;
  /** Whether the daemon has answered. Until then it is unknown whether there are jobs. */
  known: boolean;
}

export interface Jobs {
  handle(event: BoardUpdate): void;
  subscribe(listener: () => void): () => void;
  state(): JobsState;
}

const DRAW_EVERY = 250;

/** @param shown whether a job is on the board; at most `limit` jobs are */
export function createJobs(shown: (job: JobSummary) => boolean, limit = Number.POSITIVE_INFINITY): Jobs {
  const byId = new Map<string, JobSummary>();
  const listeners = new Set<() => void>();
  let reconnecting: string | undefined;
  let known = false;
  let state: JobsState = { jobs: [], reconnecting, known };
  let scheduled = false;

  const draw = () => {
    scheduled = false;
    const jobs = [...byId.values()]
      .filter(shown)
      .sort((a, b) => (a.createdAt === b.createdAt ? 0 : a.createdAt < b.createdAt ? 1 : -1))
      .slice(0, limit);
    state = { jobs, reconnecting, known };
    for (const listener of listeners) listener();
  };
  return {
    handle(event) {
      apply(byId, event);
      if (event.type === 'reconnecting') reconnecting = event.reason;
      if (event.type === 'connected') reconnecting = undefined;
      // Draw the first answer at once, because the user is waiting for it.
      if (event.type === 'jobs' && !known) {
        known = true;
        return draw();
      }
      if (!scheduled) setTimeout(draw, DRAW_EVERY).unref();
      scheduled = true;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => state,
  };
}

/** Applies an event to the jobs, by ID. */
export function apply(byId: Map<string, JobSummary>, event: BoardUpdate): void {
  if (event.type === 'job') byId.set(event.job.id, event.job);
  if (event.type === 'gone') byId.delete(event.jobId);
  if (event.type === 'progress') {
    const { type: _type, jobId, ...counts } = event;
    const known = byId.get(jobId);
    if (known) byId.set(jobId, { ...known, reading: undefined, ...counts });
  }
  if (event.type === 'jobs') {
    byId.clear();
    for (const job of event.jobs) byId.set(job.id, job);
  }
}
