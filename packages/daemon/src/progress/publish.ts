/**
 * Publishes to Redis how far a job is, after each commit. At most one message per job and interval, but a
 * change of status is sent at once and the newest value always follows. Publishing is best effort: the truth
 * is in PostgreSQL and readers query it too, so an unavailable Redis costs a log line and never delays a
 * load.
 */
import { isFinal, type Progress } from '@csvjobs/shared';
import { PROGRESS_CHANNEL } from './channel.js';

/** The part of an ioredis client that is needed. */
export interface PublishingRedis {
  readonly status: string;
  publish(channel: string, message: string): Promise<number>;
}

export interface PublisherOptions {
  /** Minimum time between two messages of a job, in milliseconds; 300 as in the reference. */
  intervalMs?: number;
  channel?: string;
  /** Called when messages start to be lost; not again until one gets through. */
  onError?: (error: Error) => void;
}

export interface Publisher {
  publish(progress: Progress): void;
  /** Sends waiting messages and stops the timers. */
  close(): Promise<void>;
}

interface Job {
  sent: Progress | undefined;
  waiting: Progress | undefined;
  timer: NodeJS.Timeout | undefined;
}

export function createPublisher(redis: PublishingRedis, options: PublisherOptions = {}): Publisher {
  const { intervalMs = 300, channel = PROGRESS_CHANNEL, onError = () => {} } = options;
  const jobs = new Map<string, Job>();
  const sending = new Set<Promise<unknown>>();
  let lost = false;

  const send = (id: string, job: Job, progress: Progress) => {
    job.waiting = undefined;
    job.sent = progress;
    clearTimeout(job.timer);
    if (isFinal(progress.status)) jobs.delete(id);
    else job.timer = setTimeout(() => tick(id, job), intervalMs);
    const sent = deliver(progress).then(
      () => {
        lost = false;
      },
      (error: Error) => {
        if (!lost) onError(error);
        lost = true;
      },
    );
    sending.add(sent);
    sent.finally(() => sending.delete(sent));
  };

  // An unconnected client would keep every message in memory until it connects, so messages are dropped
  // instead.
  const deliver = async (progress: Progress) => {
    if (redis.status !== 'ready') throw new Error(`Redis is not connected (${redis.status})`);
    await redis.publish(channel, JSON.stringify(progress));
  };

  const tick = (id: string, job: Job) => {
    if (job.waiting) send(id, job, job.waiting);
    else jobs.delete(id);
  };

  return {
    publish: (progress) => {
      const id = progress.jobId;
      let job = jobs.get(id);
      if (!job) {
        job = { sent: undefined, waiting: undefined, timer: undefined };
        jobs.set(id, job);
      }
      const last = job.waiting ?? job.sent;
      const sameStatus = last?.status === progress.status;
      if (last && sameStatus && progress.processedRows < last.processedRows) return;
      if (last && sameStatus) job.waiting = progress;
      else send(id, job, progress);
    },
    close: async () => {
      for (const [id, job] of jobs) {
        if (job.waiting) send(id, job, job.waiting);
        clearTimeout(job.timer);
      }
      jobs.clear();
      await Promise.allSettled(sending);
    },
  };
}
