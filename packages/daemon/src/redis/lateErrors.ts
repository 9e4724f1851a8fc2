/**
 * Opens connections of ioredis, which listens to only the first error of a socket. A refused TLS connection may report a second one (the
 * alert of the other side, after its certificate was rejected here); without a listener, it would end the process.
 */
import type { Duplex } from 'node:stream';
import { Redis, type RedisOptions } from 'ioredis';

/** What ioredis keeps to itself: a Redis opens each of its sockets through this. */
interface Connector {
  connect(...args: unknown[]): Promise<Duplex>;
  /** Of Sentinel: asks one of them where the primary is. */
  connectToSentinel?(endpoint: unknown, options?: RedisOptions): Redis;
}

/** Like `new Redis(options)`. */
export function connectRedis(options: RedisOptions): Redis {
  const redis = new Redis({ ...options, lazyConnect: true });
  listenToLateErrors(redis);
  // Failures are events.
  if (!options.lazyConnect) redis.connect().catch(() => {});
  return redis;
}

function listenToLateErrors(redis: Redis): void {
  const { connector } = redis as unknown as { connector: Connector };
  const connect = connector.connect.bind(connector);
  connector.connect = async (...args) => {
    const socket = await connect(...args);
    socket.on('error', () => {});
    return socket;
  };
  const ask = connector.connectToSentinel?.bind(connector);
  if (ask)
    connector.connectToSentinel = (endpoint, options) => {
      // It connects with its first command.
      const sentinel = ask(endpoint, { ...options, lazyConnect: true });
      listenToLateErrors(sentinel);
      return sentinel;
    };
}
