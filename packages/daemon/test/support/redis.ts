/** The Redis shared by all test files; a test that breaks Redis starts its own with `startRedis` of servers.ts. */
import { randomBytes } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import { askFor } from './askFor.js';

export interface TestRedis {
  /** For `new Redis(…)`. */
  options: { path: string };
  /** A prefix for this file's keys and channels: Bull's `prefix`, and the progress channel. */
  prefix: string;
  /** A connected client, closed by `close`. */
  client(options?: RedisOptions): Promise<Redis>;
  close(): Promise<void>;
}

export async function useRedis(): Promise<TestRedis> {
  const reply = await askFor('redis');
  if (!('redis' in reply)) throw new Error('the tests were given no Redis');
  const options = { path: reply.redis.path };
  const clients: Redis[] = [];
  return {
    options,
    prefix: `test:${randomBytes(6).toString('hex')}`,
    client: async (more = {}) => {
      const client = new Redis({ ...options, ...more, lazyConnect: true });
      client.on('error', () => {});
      clients.push(client);
      await client.connect();
      return client;
    },
    close: async () => {
      for (const client of clients) client.disconnect();
    },
  };
}
