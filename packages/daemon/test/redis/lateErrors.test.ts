/** A socket that reports more than one error does not end the process, whether it leads to Redis or to a Sentinel. */
import type { Duplex } from 'node:stream';
import type { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createConnections } from '../../src/redis/connections.js';
import { freePort } from '../support/freePort.js';
import { startRedis } from '../support/servers.js';

/** Reports two errors on the current socket. */
function failTwice(redis: Redis): void {
  const { stream } = redis as unknown as { stream: Duplex };
  for (const message of ['a certificate', 'the alert after it']) stream.emit('error', new Error(message));
}

test('of Redis, also after a reconnection', async () => {
  const server = await startRedis();
  const redis = createConnections({ path: server.path }, () => {}).open();
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  for (let round = 0; round < 2; round++) {
    await vi.waitFor(() => expect(redis.status).toBe('ready'));
    failTwice(redis);
    redis.disconnect(true);
  }
  expect(await redis.ping()).toBe('PONG');
});

test('of a Sentinel', async () => {
  const port = await freePort();
  const server = await startRedis(['--port', String(port), '--bind', '127.0.0.1']);
  const sentinels = [{ host: '127.0.0.1', port }];
  const redis = createConnections({ sentinels, name: 'csv' }, () => {}).open({ lazyConnect: true });
  const { connector } = redis as unknown as { connector: { connectToSentinel(at: object): Redis } };
  const sentinel = connector.connectToSentinel(sentinels[0]!);
  sentinel.on('error', () => {});
  onTestFinished(async () => {
    sentinel.disconnect();
    redis.disconnect();
    await server.stop();
  });
  expect(await sentinel.ping()).toBe('PONG');
  failTwice(sentinel);
});
