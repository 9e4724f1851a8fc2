import { randomUUID } from 'node:crypto';
import type { Progress } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createSubscriptions } from '../../src/progress/subscribe.js';
import { createConnections } from '../../src/redis/connections.js';
import { type TestRedis, useRedis } from '../support/redis.js';
import { startRedis } from '../support/servers.js';

let redis: TestRedis;

beforeAll(async () => {
  redis = await useRedis();
});

afterAll(async () => {
  await redis.close();
});

function progress(jobId: string, processedRows: number): Progress {
  const status = 'processing';
  return { jobId, processedRows, totalRows: 100, successCount: processedRows, failedCount: 0, status };
}

test('subscribers of a job get its progress, each only the newest that it has not read', async () => {
  const channel = `${redis.prefix}:${randomUUID()}`;
  const subscriptions = createSubscriptions(await redis.client(), { channel });
  await vi.waitFor(() => expect(subscriptions.connected()).toBe(true));
  const talker = await redis.client();
  const [id, other] = [randomUUID(), randomUUID()];
  const stop = new AbortController();
  const seen: number[] = [];
  const reader = (async () => {
    for await (const each of subscriptions.subscribe(id, stop.signal)) seen.push(each.processedRows);
  })();
  const slow = subscriptions.subscribe(id, stop.signal)[Symbol.asyncIterator]();

  await talker.publish(channel, JSON.stringify(progress(other, 7)));
  for (let rows = 1; rows <= 5; rows++) {
    await talker.publish(channel, JSON.stringify(progress(id, rows)));
  }
  await vi.waitFor(() => expect(seen.at(-1)).toBe(5));
  expect(seen).not.toContain(7);
  expect((await slow.next()).value).toEqual(progress(id, 5));
  const waiting = slow.next();
  stop.abort();
  await reader;
  expect(await waiting).toEqual({ done: true, value: undefined });
  subscriptions.close();
});

test('an invalid message is logged and skipped', async () => {
  const channel = `${redis.prefix}:${randomUUID()}`;
  const errors: Error[] = [];
  const onError = (error: Error) => errors.push(error);
  const subscriptions = createSubscriptions(await redis.client(), { channel, onError });
  await vi.waitFor(() => expect(subscriptions.connected()).toBe(true));
  const talker = await redis.client();
  await talker.publish(channel, 'not json');
  await talker.publish(channel, '{"jobId":1}');
  await vi.waitFor(() => expect(errors).toHaveLength(2));
  subscriptions.close();
});

test('a refused subscription is logged once per reason, and established as soon as it is allowed', async () => {
  const server = await startRedis();
  const admin = await redis.client({ path: server.path });
  await admin.call('ACL', 'SETUSER', 'narrow', 'on', 'nopass', '~*', '+@all', 'resetchannels');
  const connections = createConnections({ path: server.path, username: 'narrow', password: 'x' }, () => {});
  const client = connections.open();
  const errors: string[] = [];
  const subscriptions = createSubscriptions(client, {
    channel: 'c',
    onError: (error) => errors.push(error.message),
  });
  const refused = vi.spyOn(client, 'subscribe');
  await vi.waitFor(() => expect(refused.mock.calls.length).toBeGreaterThan(2));
  expect(subscriptions.connected()).toBe(false);
  expect(errors).toEqual([expect.stringContaining('NOPERM')]);
  await admin.call('ACL', 'SETUSER', 'narrow', '&c');
  await vi.waitFor(() => expect(subscriptions.connected()).toBe(true));
  await admin.call('ACL', 'SETUSER', 'narrow', 'resetchannels');
  await vi.waitFor(() => expect(errors).toHaveLength(2));
  expect(subscriptions.connected()).toBe(false);
  subscriptions.close();
  client.disconnect();
  admin.disconnect();
  await server.stop();
});

test('a lost connection is reported, and so is its return', async () => {
  const server = await startRedis();
  const client = await redis.client({ path: server.path, retryStrategy: () => 20 });
  const subscriptions = createSubscriptions(client);
  const returned = vi.fn();
  subscriptions.onReconnected(returned);
  await vi.waitFor(() => expect(subscriptions.connected()).toBe(true));
  const before = returned.mock.calls.length;
  const killer = await redis.client({ path: server.path });
  await killer.call('CLIENT', 'KILL', 'TYPE', 'PUBSUB');
  await vi.waitFor(() => expect(returned.mock.calls.length).toBeGreaterThan(before));
  expect(subscriptions.connected()).toBe(true);
  subscriptions.close();
  client.disconnect();
  killer.disconnect();
  await server.stop();
});
