/**
 * Opens every connection to Redis, so that a refusal (a changed password, an access list, a replica, full
 * memory) counts as Redis being down: it is logged and retried, and never ends the process.
 */
import type { Redis, RedisOptions } from 'ioredis';
import { connectRedis } from './lateErrors.js';

export interface RedisConnections {
  /** Opens a connection, which reconnects indefinitely; the caller closes it with `disconnect`. */
  open(options?: RedisOptions): Redis;
  /**
   * The last error of Redis, or of the way to it, on a connection that is currently refused; undefined if all
   * is well.
   */
  refusal(): string | undefined;
}

/** Retrying sooner is useless: a person has to change Redis first. In ms. */
const REFUSED_PAUSE_MS = 1_000;

/**
 * A Redis whose host is gone is silent; TCP needs a quarter of an hour to notice, and two hours on a
 * connection that only listens. So idle connections use TCP keep-alive, and an expected answer (Bull waits at
 * most 5 s for a job) must arrive within this time. In ms.
 */
const SILENT_MS = 15_000;

/** Calls `onError` for each broken connection and each refusal: many a second, for the detailed log. */
export function createConnections(address: RedisOptions, onError: (error: Error) => void): RedisConnections {
  const refusals = new Map<Redis, Error>();

  return {
    open(options = {}) {
      const redis: Redis = connectRedis({
        ...address,
        // ioredis would resubscribe on its own and leave a refusal unhandled; keepSubscribed does it instead.
        autoResubscribe: false,
        keepAlive: SILENT_MS,
        socketTimeout: SILENT_MS,
        retryStrategy: (times) =>
          isRefusal(refusals.get(redis)) ? REFUSED_PAUSE_MS : Math.min(times * 50, 2_000),
        // A former primary stays read-only while the connection lasts; the name may now lead to a new
        // primary.
        reconnectOnError: (error) => error.message.startsWith('READONLY'),
        ...options,
      });
      const refused = (error: Error) => {
        if (refusals.get(redis)?.message !== error.message) onError(error);
        refusals.set(redis, error);
      };
      const accepted = () => refusals.delete(redis);
      redis.on('error', refused);
      // Ready means that Redis has answered INFO, if there is a ready check; otherwise the connection is
      // open, and the first answer shows the rest.
      redis.on('ready', () => {
        if (redis.options.enableReadyCheck || !isRefusal(refusals.get(redis))) accepted();
      });
      redis.on('end', accepted);
      // Also covers the commands that ioredis and Bull send without checking the answer: after a reconnection
      // they select, subscribe and send again, and if Redis answers NOAUTH, each would be an unhandled
      // rejection.
      const send = redis.sendCommand.bind(redis);
      redis.sendCommand = (command, stream) => {
        const answer = send(command, stream);
        Promise.resolve(answer).then(
          () => {
            if (!isPreamble(command.name)) accepted();
          },
          (error: Error) => {
            if (isRefusal(error) && !isPreamble(command.name)) refused(error);
          },
        );
        return answer;
      };
      return redis;
    },
    refusal: () => refusals.values().next().value?.message,
  };
}

/**
 * The first commands of a connection. `client` (names, versions) may be refused without harm; the others
 * prove little.
 */
function isPreamble(name: string): boolean {
  return ['client', 'auth', 'hello', 'select', 'info'].includes(name.toLowerCase());
}

/** Whether Redis itself has answered with an error. NOSCRIPT only means that it needs the script again. */
function isRefusal(error: Error | undefined): boolean {
  return error?.name === 'ReplyError' && !error.message.startsWith('NOSCRIPT');
}
