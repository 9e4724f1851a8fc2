import { randomUUID } from 'node:crypto';
import type { Progress } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createPublisher } from '../../src/progress/publish.js';
import { type TestRedis, useRedis } from '../support/redis.js';
import { startRedis } from '../support/servers.js';

let redis: TestRedis;

beforeAll(async () => {
  redis = await useRedis();
});

afterAll(async () => {
  await redis.close();
});

function progress(jobId: string, processedRows: number, status: Progress['status'] = 'processing'): Progress {
  return { jobId, processedRows, totalRows: 100, successCount: processedRows, failedCount: 0, status };
}

/** Everything published on a channel, as received by a subscriber. */
async function overhear(channel: string): Promise<Progress[]> {
  const heard: Progress[] = [];
  const client = await redis.client();
  await client.subscribe(channel);
  client.on('message', (_, message) => heard.push(JSON.parse(message)));
  return heard;
}

test('one message per interval, but status changes at once and always the newest', async () => {
  const channel = `${redis.prefix}:${randomUUID()}`;
  const heard = await overhear(channel);
  const id = randomUUID();
  const publisher = createPublisher(await redis.client(), { channel, intervalMs: 200 });
  publisher.publish(progress(id, 0, 'pending'));
  publisher.publish(progress(id, 0));
  for (let rows = 1; rows <= 50; rows++) publisher.publish(progress(id, rows));
  publisher.publish(progress(id, 30));
  await vi.waitFor(() => expect(heard.at(-1)).toEqual(progress(id, 50)));
  expect(heard).toEqual([progress(id, 0, 'pending'), progress(id, 0), progress(id, 50)]);

  publisher.publish(progress(id, 60));
  publisher.publish(progress(id, 100));
  publisher.publish(progress(id, 100, 'completed'));
  await vi.waitFor(() => expect(heard.at(-1)).toEqual(progress(id, 100, 'completed')));
  await publisher.close();
});

test('closing sends pending progress', async () => {
  const channel = `${redis.prefix}:${randomUUID()}`;
  const heard = await overhear(channel);
  const id = randomUUID();
  const publisher = createPublisher(await redis.client(), { channel, intervalMs: 60_000 });
  publisher.publish(progress(id, 1));
  publisher.publish(progress(id, 2));
  await publisher.close();
  await vi.waitFor(() => expect(heard).toEqual([progress(id, 1), progress(id, 2)]));
});

test('an unavailable Redis neither blocks nor throws, and is reported once', async () => {
  const server = await startRedis();
  const client = await redis.client({ path: server.path });
  const errors: Error[] = [];
  const publisher = createPublisher(client, { intervalMs: 1, onError: (error) => errors.push(error) });
  await server.stop();
  await vi.waitFor(() => expect(client.status).not.toBe('ready'));
  const id = randomUUID();
  publisher.publish(progress(id, 1));
  publisher.publish(progress(id, 100, 'completed'));
  publisher.publish(progress(randomUUID(), 100, 'completed'));
  await publisher.close();
  expect(errors).toHaveLength(1);
});
