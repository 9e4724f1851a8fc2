/**
 * Progress from Redis, by job: one Redis subscription for the whole process, fanned out in memory. Only the
 * newest value that a reader has not taken yet is kept, so a slow reader costs one value, not a queue.
 */
import { type FileReading, type Progress, progressSchema } from '@csvjobs/shared';
import { keepSubscribed, type Subscriber } from '../redis/keepSubscribed.js';
import { PROGRESS_CHANNEL } from './channel.js';
import { NewestReadings } from './newestReadings.js';

/** The part of a dedicated ioredis client that is needed. */
export interface SubscribingRedis extends Subscriber {
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  on(event: 'ready' | 'close', listener: () => void): unknown;
  off(event: 'message', listener: (channel: string, message: string) => void): unknown;
  off(event: 'ready' | 'close', listener: () => void): unknown;
}

export interface Subscriptions {
  /** The progress of a job as it is published, until the signal is aborted. Subscribes with this call. */
  subscribe(jobId: string, signal: AbortSignal): AsyncIterable<Progress>;
  /** Calls back with the progress of every job as it is published, until the returned function is called. */
  subscribeAll(listener: (progress: Progress) => void): () => void;
  /** The last published position of the survey in a job's file, while the file is being read. */
  reading(jobId: string): FileReading | undefined;
  /** Whether messages arrive; while they do not, readers must query PostgreSQL. */
  connected(): boolean;
  /** Calls back whenever the connection has come back: messages in between were lost. */
  onReconnected(listener: () => void): void;
  close(): void;
}

/** One place for the newest value that was not taken. */
interface Mailbox {
  newest: Progress | undefined;
  wake: () => void;
}

export function createSubscriptions(
  redis: SubscribingRedis,
  options: {
    channel?: string;
    /**
     * Called for a message that is not the progress of a job, and for a refused subscription: once for each
     * error text.
     */
    onError?: (error: Error) => void;
  } = {},
): Subscriptions {
  const { channel = PROGRESS_CHANNEL, onError = () => {} } = options;
  const mailboxes = new Map<string, Set<Mailbox>>();
  const listeners: (() => void)[] = [];
  const toAll = new Set<(progress: Progress) => void>();
  const readings = new NewestReadings();
  let subscribed = false;
  let refusal = '';

  const onMessage = (from: string, message: string) => {
    // The connection may have other subscriptions; and health checks of Redis publish empty messages.
    if (from !== channel || message === '') return;
    const progress = parse(message);
    if (!progress) return onError(new Error(`a message on ${channel} is not the progress of a job`));
    readings.hear(progress);
    for (const listener of toAll) listener(progress);
    for (const box of mailboxes.get(progress.jobId) ?? []) {
      box.newest = progress;
      box.wake();
    }
  };
  redis.on('message', onMessage);
  const stop = keepSubscribed(redis, channel, {
    subscribed: () => {
      subscribed = true;
      refusal = '';
      for (const listener of listeners) listener();
    },
    lost: () => {
      subscribed = false;
    },
    refused: (error) => {
      subscribed = false;
      if (error.message !== refusal) onError(error);
      refusal = error.message;
    },
  });

  return {
    subscribe: (jobId, signal) => {
      const box: Mailbox = { newest: undefined, wake: () => {} };
      const boxes = mailboxes.get(jobId) ?? new Set();
      mailboxes.set(jobId, boxes.add(box));
      const leave = () => {
        boxes.delete(box);
        if (boxes.size === 0 && mailboxes.get(jobId) === boxes) mailboxes.delete(jobId);
        box.wake();
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
      return taken(box, signal, () => {
        signal.removeEventListener('abort', leave);
        leave();
      });
    },
    subscribeAll: (listener) => {
      toAll.add(listener);
      return () => toAll.delete(listener);
    },
    reading: (jobId) => readings.of(jobId),
    connected: () => subscribed,
    onReconnected: (listener) => {
      listeners.push(listener);
    },
    close: () => {
      redis.off('message', onMessage);
      stop();
    },
  };
}

async function* taken(box: Mailbox, signal: AbortSignal, leave: () => void): AsyncGenerator<Progress> {
  try {
    while (!signal.aborted) {
      const { newest } = box;
      box.newest = undefined;
      if (newest) yield newest;
      else
        await new Promise<void>((resolve) => {
          box.wake = resolve;
        });
    }
  } finally {
    leave();
  }
}

function parse(message: string): Progress | undefined {
  try {
    return progressSchema.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}
