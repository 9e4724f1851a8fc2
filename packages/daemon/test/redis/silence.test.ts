/** Redis behind a network that silently stops carrying data. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createConnections } from '../../src/redis/connections.js';
import { LONG } from '../support/form.js';
import { type TestRedis, useRedis } from '../support/redis.js';

let redis: TestRedis;
let closing: (() => void)[];
beforeEach(async () => {
  redis = await useRedis();
  closing = [];
});
afterEach(async () => {
  for (const close of closing) close();
  await redis.close();
});

/** Connections to Redis; `mute` silences those that are open. */
async function network(): Promise<{ port: number; made: () => number; mute(): void }> {
  const sockets: Socket[] = [];
  let muted = 0;
  const server = createServer((near) => {
    const number = sockets.push(near);
    const far = connect(redis.options.path);
    const carry = (to: Socket) => (bytes: Buffer) => {
      if (number > muted) to.write(bytes);
    };
    near.on('data', carry(far)).on('close', () => far.destroy());
    far.on('data', carry(near)).on('close', () => near.destroy());
    for (const each of [near, far]) each.on('error', () => {});
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    made: () => sockets.length,
    mute: () => {
      muted = sockets.length;
    },
  };
}

test(
  'a client waiting for a lost reply gets it over a new connection, like a worker waiting for a job',
  LONG,
  async () => {
    const way = await network();
    const connections = createConnections({ host: '127.0.0.1', port: way.port }, () => {});
    const opened = connections.open({
      maxRetriesPerRequest: null,
      enableReadyCheck: false,
    });
    closing.push(() => opened.disconnect());
    await opened.ping();
    way.mute();
    const list = `${redis.prefix}:list`;
    const waiting = opened.brpop(list, 0);
    await vi.waitFor(() => expect(way.made()).toBe(2));
    // Nothing is wrong, though nothing was answered yet: a worker that takes no jobs requests none.
    await vi.waitFor(() => expect(connections.refusal()).toBeUndefined());
    await (await redis.client()).lpush(list, 'job');
    expect(await waiting).toEqual([list, 'job']);
  },
);
