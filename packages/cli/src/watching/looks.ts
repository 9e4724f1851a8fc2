/**
 * Polls the whole job while it runs, because the progress stream lacks the notices on its file and the reasons of its
 * rejects.
 */
import type { Job } from '@csvjobs/shared';

/** Minimum interval between polls, in milliseconds: an answer may hold the first hundred rejects. */
const LOOK_EVERY = 500;

/**
 * Interval between polls of a job that is not loading yet, in ms: first, and maximum, because many jobs may wait long.
 */
const WAITING_EVERY = { first: 1_000, most: 5_000 };

/** Interval between polls of a job that runs without progress: it may wait for its next attempt, and says why. */
const IDLE_EVERY = 3_000;

export interface Looks {
  /**
   * Reports that the job runs, and its number of rejects: polls the first time, whenever there are more, and while nothing is
   * reported.
   */
  rejected(count: number): void;
  /**
   * Reports that the job waits or that its file is being read, which its progress does not show: polls until it runs.
   */
  waiting(): void;
  close(): void;
}

/** Polls one at a time. Ignores a failed poll, because the stream shows the job's state. */
export function looksAt(look: () => Promise<Job>, seen: (job: Job) => void): Looks {
  let wanted = 0;
  let waits = false;
  let pause = WAITING_EVERY.first;
  let looked = -1;
  let timer: NodeJS.Timeout | undefined;
  let idle: NodeJS.Timeout | undefined;
  /** Whether a poll is running, or finished a moment ago. */
  let resting = false;
  let closed = false;

  const startIdle = () => {
    clearInterval(idle);
    idle = setInterval(() => {
      if (!resting) void begin();
    }, IDLE_EVERY);
  };

  const begin = async () => {
    resting = true;
    looked = wanted;
    const job = await look().catch(() => undefined);
    if (closed) return;
    if (job) seen(job);
    const rest = waits ? pause : LOOK_EVERY;
    if (waits) pause = Math.min(pause * 2, WAITING_EVERY.most);
    timer = setTimeout(() => {
      resting = false;
      if (wanted > looked || waits) void begin();
    }, rest);
  };
  return {
    waiting() {
      waits = true;
      clearInterval(idle);
      if (!resting) void begin();
    },
    rejected(count) {
      waits = false;
      wanted = count;
      startIdle();
      if (wanted > looked && !resting) void begin();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(idle);
    },
  };
}
