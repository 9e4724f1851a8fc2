/**
 * The queue: which job is next, and which worker has it. It only delivers; the job itself and its progress
 * are in PostgreSQL. The only file that knows Bull.
 */

import Bull from 'bull';
import pTimeout from 'p-timeout';
import { keepSubscribed, type Subscriber } from '../redis/keepSubscribed.js';
import { PUT_BACK, PUT_LAST, QUEUE_KEYS } from './putBack.js';

/** What Bull needs of Redis: a new connection for each of its three roles. */
export type RedisClients = NonNullable<Bull.QueueOptions['createClient']>;

/** Thrown by a handler to have its job delivered again after a while. */
export class DeliverAgain extends Error {
  override readonly name = 'DeliverAgain';
  constructor(readonly delayMs: number) {
    super(`to be delivered again in ${delayMs} ms`);
  }
}

export interface Queue {
  /** Puts a job at the end of the queue. One that is on it already keeps its place. */
  add(jobId: string): Promise<void>;
  /**
   * Starts to deliver jobs, oldest first, at most `concurrency` at a time. Calls `ended` for each handled job
   * as soon as it has left the queue.
   */
  process(
    concurrency: number,
    handler: (jobId: string) => Promise<void>,
    ended?: (jobId: string) => void,
  ): void;
  /**
   * Puts those of these jobs on the queue that are missing, each before the waiting ones that follow it in
   * this order. Returns how many were missing. It needs all jobs that require work, because it treats any
   * others as newer.
   */
  putBack(jobIds: readonly string[]): Promise<number>;
  /**
   * Delivers jobs that are delayed for longer than the longest pause: their pause was computed with a clock
   * that has since been set back, by an hour perhaps. Returns how many jobs those were.
   */
  promoteOverdue(longestPauseMs: number): Promise<number>;
  /** Removes everything, for a queue that no other process uses: it is rebuilt from PostgreSQL. */
  empty(): Promise<void>;
  /** Delivers nothing from here until `resume`; jobs under way continue. Does not wait for Redis. */
  pause(): void;
  resume(): void;
  /** Delivers nothing more from here; jobs under way continue. Does not wait for Redis. */
  stop(): void;
  /** Closes the connections; cuts them if Redis does not answer within `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/**
 * How long a silent daemon keeps its job. This decides how soon a job continues after a crash (this time plus
 * up to two looks), and costs nothing if it is too short: a job that is delivered twice is claimed twice, and
 * the earlier claim can write nothing more. Parsing has its own thread, so a healthy event loop never pauses
 * that long.
 */
const LOCK_MS = 6_000;

/** Retry options of each job, set when it is delivered, because its id may be all that Redis has of it. */
const JOB_OPTIONS = {
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: 'asked' },
  removeOnComplete: true,
  removeOnFail: true,
};

/** How long to wait for an answer of Redis; otherwise `add` would hang while Redis is down. */
const ANSWER_MS = 5_000;

export interface QueueOptions {
  createClient: RedisClients;
  prefix: string;
  /** Part of the keys in Redis, after the prefix. */
  name?: string;
  onError: (error: Error) => void;
}

export function createQueue(options: QueueOptions): Queue {
  let blocking: ReturnType<RedisClients> | undefined;
  const bull = new Bull(options.name ?? 'csv', {
    prefix: options.prefix,
    createClient: (type, redis) => {
      const client = options.createClient(type, redis);
      if (type === 'bclient') blocking = client;
      if (type === 'subscriber') subscribePatiently(client);
      return client;
    },
    settings: {
      lockDuration: LOCK_MS,
      lockRenewTime: LOCK_MS / 3,
      stalledInterval: LOCK_MS / 3,
      // After a job that Redis forgot while it was worked on, Bull's default would keep the queue idle for 5
      // s.
      retryProcessDelay: 500,
      // Only PostgreSQL decides whether a job is given up. Bull's default, 1, fails it for good after two
      // crashes.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      backoffStrategies: {
        asked: (_attempts: number, error: unknown) => (error instanceof DeliverAgain ? error.delayMs : 1_000),
      },
    },
  });
  bull.on('error', options.onError);
  // Bull names its connection for CLIENT LIST without handling that promise: a stop while the connection is
  // still being made would crash the process with an unhandled rejection.
  const naming = bull as unknown as { setWorkerName(): Promise<void> };
  const name = naming.setWorkerName.bind(bull);
  naming.setWorkerName = () => name().catch(options.onError);
  let stopped = false;
  function pause(): void {
    // Otherwise Bull sends QUIT on the connection that waits for jobs, which cannot react, and waits half a
    // second.
    blocking?.disconnect();
    // Local: other daemons on the same queue continue. Not awaited: it would wait for Redis, which may be
    // down.
    bull.pause(true, true).catch(options.onError);
  }
  /** Jobs that were passed to the handler and whose results have not reached Redis yet. */
  const handled = new Set<string>();
  let allNotified: () => void = () => {};
  for (const event of ['completed', 'failed'] as const) {
    bull.on(event, (job: Bull.Job) => {
      handled.delete(String(job.id));
      if (handled.size === 0) allNotified();
    });
  }

  /** Runs one of the scripts of putBack.ts with these jobs. */
  function place(script: string, jobIds: readonly string[], what: string): Promise<unknown> {
    const keys = QUEUE_KEYS.map((key) => bull.toKey(key));
    return answered(bull.client.eval(script, keys.length, ...keys, bull.toKey(''), ...jobIds), what);
  }

  return {
    async add(jobId) {
      await place(PUT_LAST, [jobId], 'to take a job');
    },
    process(concurrency, handler, ended) {
      if (ended) bull.on('completed', (job: Bull.Job) => ended(String(job.id)));
      // With any name: the queue holds the job's id, which is all that is needed (putBack.ts).
      bull
        .process('*', concurrency, (job: Bull.Job) => {
          const jobId = String(job.id);
          Object.assign(job.opts, JOB_OPTIONS);
          handled.add(jobId);
          return handler(jobId).catch((error) => {
            // Put back because its daemon stops: it keeps its turn, ahead of the jobs that came after it.
            if (error instanceof DeliverAgain && error.delayMs === 0) job.opts.lifo = true;
            throw error;
          });
        })
        .catch(options.onError);
    },
    async putBack(jobIds) {
      return jobIds.length === 0 ? 0 : Number(await place(PUT_BACK, jobIds, 'for its jobs'));
    },
    async promoteOverdue(longestPauseMs) {
      // Bull's score: the time at which a job is due, and twelve bits that distinguish jobs of the same
      // millisecond.
      const late = (Date.now() + longestPauseMs) * 2 ** 12;
      const delayed = bull.toKey('delayed');
      const ids = await answered(bull.client.zrangebyscore(delayed, late, '+inf'), 'for jobs that wait');
      const now = Date.now();
      for (const id of ids)
        await answered(bull.client.zadd(delayed, 'XX', now * 2 ** 12, id), 'to deliver a job');
      // Bull listens there for the time at which the next job is due.
      if (ids.length > 0) await answered(bull.client.publish(delayed, String(now)), 'to deliver a job');
      return ids.length;
    },
    async empty() {
      await answered(bull.obliterate({ force: true }), 'to empty the queue');
    },
    pause,
    resume() {
      if (!stopped) bull.resume(true).catch(options.onError);
    },
    stop() {
      stopped = true;
      pause();
    },
    async close(graceMs) {
      const over = delay(graceMs);
      // No other daemon gets a job that is put back before Redis knows of it.
      const notified =
        handled.size === 0 ? undefined : new Promise<void>((resolve) => (allNotified = resolve));
      await Promise.race([notified, over]);
      await Promise.race([bull.close(true), over]);
    },
  };
}

/**
 * Bull subscribes once, to learn at once of delayed jobs: if Redis refuses that, Bull would never start to
 * deliver, and would not retry after a reconnection. So Bull gets an immediate answer, and this module keeps
 * the subscription.
 */
function subscribePatiently(client: ReturnType<RedisClients>): void {
  const subscribe = client.subscribe.bind(client) as Subscriber['subscribe'];
  const subscriber: Subscriber = {
    get status() {
      return client.status;
    },
    subscribe,
    on: (event, listener) => client.on(event, listener),
    off: (event, listener) => client.off(event, listener),
  };
  client.subscribe = (async (channel: string) => {
    keepSubscribed(subscriber, channel);
  }) as typeof client.subscribe;
}

/** Resolves to a promise's value, or rejects when Redis has not answered for too long. */
function answered<T>(promise: Promise<T>, what: string): Promise<T> {
  const message = `Redis was asked ${what} and did not answer in ${ANSWER_MS} ms`;
  return pTimeout(promise, { milliseconds: ANSWER_MS, message });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
