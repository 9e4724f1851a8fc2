/**
 * The queue: which job is next, and who has it. It only delivers; what a job is and how far it got stands in
 * PostgreSQL. The only file that knows Bull.
 */

import Bull from 'bull';
import pTimeout from 'p-timeout';
import { keepSubscribed, type Subscriber } from '../redis/keepSubscribed.js';
import { PUT_BACK, PUT_LAST, QUEUE_KEYS } from './putBack.js';

/** What Bull needs of Redis: a new connection for each of its three roles. */
export type RedisClients = NonNullable<Bull.QueueOptions['createClient']>;

/** Thrown by a handler that wants its job delivered again after a while. */
export class DeliverAgain extends Error {
  override readonly name = 'DeliverAgain';
  constructor(readonly delayMs: number) {
    super(`to be delivered again in ${delayMs} ms`);
  }
}

export interface Queue {
  /** Puts a job on the queue, as its last. One that is on it already stays where it is. */
  add(jobId: string): Promise<void>;
  /**
   * Starts to deliver jobs, oldest first, at most `concurrency` at a time. `ended` hears of each that was handled, as soon as it
   * is not on the queue any more.
   */
  process(
    concurrency: number,
    handler: (jobId: string) => Promise<void>,
    ended?: (jobId: string) => void,
  ): void;
  /**
   * Puts those of these jobs on the queue that are not on it, each before the waiting ones that stand behind it in this
   * order. Returns how many those were. It must be given all jobs that want work, for others are taken to be newer.
   */
  putBack(jobIds: readonly string[]): Promise<number>;
  /**
   * Delivers what waits for longer than any pause asked for: its pause was reckoned by a clock that has been set back
   * since, by an hour perhaps. Returns how many jobs those were.
   */
  hurry(longestPauseMs: number): Promise<number>;
  /** Forgets everything, for a queue that nobody else uses: it is built anew from PostgreSQL. */
  empty(): Promise<void>;
  /** Delivers nothing from here until `resume`; what is being worked on goes on. Does not wait for Redis. */
  pause(): void;
  resume(): void;
  /** Delivers nothing more from here; what is being worked on goes on. Does not wait for Redis. */
  stop(): void;
  /** Closes the connections. Where Redis does not answer within `graceMs`, they are cut. */
  close(graceMs: number): Promise<void>;
}

/**
 * How long a daemon that says nothing keeps its job. It decides how soon a job goes on after a crash (this and up to two
 * looks), and costs nothing when it is wrong: a job that is delivered twice is claimed twice, and the earlier claim can
 * write nothing more. Parsing is in a thread of its own, so an event loop that is well never pauses that long.
 */
const LOCK_MS = 6_000;

/** How each job is tried: given to it when it is delivered, for all that Redis has of it may be its id. */
const JOB_OPTIONS = {
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: 'asked' },
  removeOnComplete: true,
  removeOnFail: true,
};

/** Answers of Redis are waited for this long; `add` would else hang while Redis is down. */
const ANSWER_MS = 5_000;

export interface QueueOptions {
  createClient: RedisClients;
  prefix: string;
  /** Of the keys in Redis, behind the prefix. */
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
      // After a job that Redis forgot while it was worked on; Bull's default keeps the queue idle for 5 s then.
      retryProcessDelay: 500,
      // A job is given up in PostgreSQL or not at all. Bull's default, 1, fails it for good after two crashes.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      backoffStrategies: {
        asked: (_attempts: number, error: unknown) => (error instanceof DeliverAgain ? error.delayMs : 1_000),
      },
    },
  });
  bull.on('error', options.onError);
  // Bull names its connection, for CLIENT LIST, and leaves that promise alone: a stop while the connection is still being
  // made would end the process with an unhandled rejection.
  const naming = bull as unknown as { setWorkerName(): Promise<void> };
  const name = naming.setWorkerName.bind(bull);
  naming.setWorkerName = () => name().catch(options.onError);
  let stopped = false;
  function pause(): void {
    // Else Bull asks the connection that waits for jobs to quit, which it cannot hear, and gives it half a second.
    blocking?.disconnect();
    // Local: other daemons on the same queue go on. Not awaited: it would wait for Redis, which may be down.
    bull.pause(true, true).catch(options.onError);
  }
  /** Jobs that were handed to the handler and about which Redis has not been told yet how that went. */
  const handled = new Set<string>();
  let allTold: () => void = () => {};
  for (const event of ['completed', 'failed'] as const) {
    bull.on(event, (job: Bull.Job) => {
      handled.delete(String(job.id));
      if (handled.size === 0) allTold();
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
      // Under any name: what is on the queue is the job's id, which is all that is needed of it (putBack.ts).
      bull
        .process('*', concurrency, (job: Bull.Job) => {
          const jobId = String(job.id);
          Object.assign(job.opts, JOB_OPTIONS);
          handled.add(jobId);
          return handler(jobId).catch((error) => {
            // Put back because its daemon stops: it keeps its turn, before the jobs that came after it.
            if (error instanceof DeliverAgain && error.delayMs === 0) job.opts.lifo = true;
            throw error;
          });
        })
        .catch(options.onError);
    },
    async putBack(jobIds) {
      return jobIds.length === 0 ? 0 : Number(await place(PUT_BACK, jobIds, 'for its jobs'));
    },
    async hurry(longestPauseMs) {
      // Bull's score: the time at which a job is due, and twelve bits that tell jobs of the same millisecond apart.
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
      // A job that is put back is not another daemon's before Redis has heard of it.
      const told = handled.size === 0 ? undefined : new Promise<void>((resolve) => (allTold = resolve));
      await Promise.race([told, over]);
      await Promise.race([bull.close(true), over]);
    },
  };
}

/**
 * Bull subscribes once, to hear at once of jobs that are to wait: where Redis refuses that, it would never begin to deliver,
 * and would not try again after a reconnection. So Bull is answered at once, and the subscription is kept here.
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

/** A promise's value, or an error once Redis has not answered for too long. */
function answered<T>(promise: Promise<T>, what: string): Promise<T> {
  const message = `Redis was asked ${what} and did not answer in ${ANSWER_MS} ms`;
  return pTimeout(promise, { milliseconds: ANSWER_MS, message });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
