/**
 * Every connection to Redis is opened here, so that a refusal (a password that was changed, an access list, a replica, a full
 * memory) is what Redis being down is: an answer that is noted and tried again, and never the end of the process.
 */
import { Redis, type RedisOptions } from 'ioredis';

export interface RedisConnections {
  /** Opens a connection, which reconnects for ever; the caller closes it by `disconnect`. */
  open(options?: RedisOptions): Redis;
  /** What Redis, or the way to it, said last on a connection that is refused now; undefined where all is well. */
  refusal(): string | undefined;
}

/** Asking again sooner gains nothing: somebody has to change Redis first. In ms. */
const REFUSED_PAUSE_MS = 1_000;

/**
 * A Redis whose host is gone says nothing, not even that it is gone; TCP waits for that a quarter of an hour, and a connection
 * that only listens for two hours. So one that is idle is asked by TCP, and an answer that is due (Bull's longest wait for a job is
 * 5 s) is waited for this long. In ms.
 */
const SILENT_MS = 15_000;

/** `onError` hears each broken connection and each refusal: many a second, for the log of details. */
export function createConnections(address: RedisOptions, onError: (error: Error) => void): RedisConnections {
  const refusals = new Map<Redis, Error>();

  return {
    open(options = {}) {
      const redis: Redis = new Redis({
        ...address,
        // ioredis would subscribe again on its own and leave a refusal unhandled; keepSubscribed does it instead.
        autoResubscribe: false,
        keepAlive: SILENT_MS,
        socketTimeout: SILENT_MS,
        retryStrategy: (times) =>
          isRefusal(refusals.get(redis)) ? REFUSED_PAUSE_MS : Math.min(times * 50, 2_000),
        // A former primary stays read-only for as long as it is asked; behind the name may be a new one.
        reconnectOnError: (error) => error.message.startsWith('READONLY'),
        ...options,
      });
      const refused = (error: Error) => {
        if (refusals.get(redis)?.message !== error.message) onError(error);
        refusals.set(redis, error);
      };
      const accepted = () => refusals.delete(redis);
      redis.on('error', refused);
      // Ready means that Redis has answered INFO, unless nobody asked: then there is a way to it, and the first answer says the rest.
      redis.on('ready', () => {
        if (redis.options.enableReadyCheck || !isRefusal(refusals.get(redis))) accepted();
      });
      redis.on('end', accepted);
      // Here pass also the commands that ioredis and Bull send without looking at the answer: after a reconnection they
      // select, subscribe and send again, and with Redis saying NOAUTH each would be an unhandled rejection.
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

/** What a connection begins with. `client` (names, versions) may be refused and nobody misses it; the others prove little. */
function isPreamble(name: string): boolean {
  return ['client', 'auth', 'hello', 'select', 'info'].includes(name.toLowerCase());
}

/** Whether Redis itself has answered with an error. NOSCRIPT is how it asks for a script that it does not have yet. */
function isRefusal(error: Error | undefined): boolean {
  return error?.name === 'ReplyError' && !error.message.startsWith('NOSCRIPT');
}
