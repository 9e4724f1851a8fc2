/** Webhooks over the API: what an admin sees, and tests and redeliveries that a daemon sends. */
import { randomUUID } from 'node:crypto';
import {
  paths,
  redeliveredSchema,
  TEST_EVENT,
  WEBHOOK_EVENTS,
  webhookDeliverySchema,
  webhooksSchema,
} from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { cancelJob } from '../../src/sql/jobs.js';
import { claimDue, markDelivered, markFailed } from '../../src/sql/webhooks/claim.js';
import { disableEndpoint, registerEndpoint } from '../../src/sql/webhooks/endpoints.js';
import { startWebhooks } from '../../src/webhooks/webhooks.js';
import { type Receiver, startReceiver } from '../webhooks/support/receiver.js';
import { type Harness, makeJob, problemFrom, startHarness } from './harness.js';

let harness: Harness;
let receiver: Receiver;
beforeAll(async () => {
  [harness, receiver] = await Promise.all([
    startHarness({ app: { webhookTestMs: 60_000 } }),
    startReceiver(),
  ]);
});
afterAll(async () => {
  await harness.stop();
  await receiver.close();
});
beforeEach(async () => {
  await harness.pool.query('truncate jobs, webhook_deliveries, webhook_endpoints cascade');
  receiver.received.length = 0;
  receiver.answer = (response) => void response.writeHead(204).end();
});

const register = (name: string, more = {}) =>
  registerEndpoint(harness.pool, {
    ...{ name, origin: `https://${name}.example.com`, events: WEBHOOK_EVENTS, tables: undefined },
    ...more,
  });

/** A daemon that delivers to this endpoint. */
async function deliver(name: string): Promise<void> {
  const log = { info() {}, warn() {}, error() {} };
  const secret = `whsec_${Buffer.alloc(32).toString('base64')}`;
  const webhooks = await startWebhooks(
    [
      {
        ...{ name, url: new URL(receiver.url), secrets: [secret], events: WEBHOOK_EVENTS },
        ...{ tables: undefined, allowPrivate: false },
      },
    ],
    { pool: harness.pool, log, version: '1', count: () => {}, lookMs: 20 },
  );
  onTestFinished(() => webhooks.stop());
}

async function endJob(): Promise<string> {
  const { id } = await makeJob(harness.pool);
  await cancelJob(harness.pool, id);
  return id;
}

const list = async (query = '') => {
  const response = await fetch(harness.url + paths.webhooks + query);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return webhooksSchema.parse(await response.json());
};
const post = (path: string, body: unknown) =>
  fetch(harness.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('the list', () => {
  test('has endpoints by name with their queue sizes, and deliveries, newest first', async () => {
    await register('erp', {
      events: ['job.cancelled'],
      tables: { patterns: 'public.*', regex: '^public\\..*$' },
    });
    await register('chat');
    const first = await endJob();
    const second = await endJob();
    const [one] = await claimDue(harness.pool, 'erp', 1);
    await markFailed(harness.pool, one!, { httpStatus: 500, error: 'answered 500' }, undefined);
    const { endpoints, deliveries } = await list();
    expect(endpoints).toEqual([
      {
        ...{ name: 'chat', origin: 'https://chat.example.com', events: [...WEBHOOK_EVENTS], tables: null },
        ...{ disabledAt: null, configured: true, pending: 2, failed: 0 },
      },
      {
        ...{ name: 'erp', origin: 'https://erp.example.com', events: ['job.cancelled'], tables: 'public.*' },
        ...{ disabledAt: null, configured: true, pending: 1, failed: 1 },
      },
    ]);
    expect(deliveries.map(({ jobId }) => jobId)).toEqual([second, second, first, first]);
    expect(deliveries.find(({ id }) => id === one!.id)).toMatchObject({
      ...{ status: 'failed', httpStatus: 500, error: 'answered 500', attempts: 1, nextAttemptAt: null },
    });
  });

  test('an endpoint that no running daemon has registered is not configured', async () => {
    await register('erp');
    await register('gone');
    await harness.pool.query(
      `update webhook_endpoints set seen_at = clock_timestamp() - interval '2 minutes' where name = 'gone'`,
    );
    const { endpoints } = await list();
    expect(endpoints.map(({ name, configured }) => [name, configured])).toEqual([
      ['erp', true],
      ['gone', false],
    ]);
  });

  test('can be limited to an endpoint, a state, a job, and a number', async () => {
    await register('erp');
    await register('chat');
    const ids = [await endJob(), await endJob(), await endJob()];
    const [one] = await claimDue(harness.pool, 'erp', 1);
    await markDelivered(harness.pool, one!, 200);
    expect((await list('?endpoint=erp')).deliveries).toHaveLength(3);
    expect((await list('?status=delivered')).deliveries.map(({ id }) => id)).toEqual([one!.id]);
    expect((await list(`?job=${ids[1]}`)).deliveries).toHaveLength(2);
    expect((await list('?limit=2')).deliveries).toHaveLength(2);
    for (const query of ['?status=done', '?limit=0', '?limit=x', '?job=x'])
      expect(await problemFrom(await fetch(harness.url + paths.webhooks + query))).toMatchObject({
        ...{ code: 'bad_request', detail: expect.stringContaining(`${query.slice(1).split('=')[0]}: `) },
      });
  });
});

describe('a test', () => {
  test('is answered when it has arrived', async () => {
    await deliver('erp');
    const response = await post(paths.webhookTest, {});
    expect(response.status).toBe(200);
    expect(webhookDeliverySchema.parse(await response.json())).toMatchObject({
      ...{ type: TEST_EVENT, endpoint: 'erp', status: 'delivered', httpStatus: 204, jobId: null },
    });
    expect(receiver.received).toHaveLength(1);
  });

  test('reports any other response', async () => {
    receiver.answer = (response) => void response.writeHead(404).end();
    await deliver('erp');
    const response = await post(paths.webhookTest, { endpoint: 'erp' });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'failed', error: 'answered 404', attempts: 1 });
  });

  test('is 202 if no daemon delivers', async () => {
    const impatient = await startHarness({ deps: { pool: harness.pool }, app: { webhookTestMs: 50 } });
    onTestFinished(() => impatient.stop());
    await register('erp');
    const response = await fetch(impatient.url + paths.webhookTest, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{}',
    });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ status: 'pending', attempts: 0 });
  });

  test('is refused if the endpoint is ambiguous or missing', async () => {
    expect(await problemFrom(await post(paths.webhookTest, {}))).toMatchObject({
      ...{ code: 'webhook_not_found', detail: expect.stringContaining('WEBHOOK_URL') },
    });
    await register('erp');
    await register('chat');
    expect(await problemFrom(await post(paths.webhookTest, {}))).toMatchObject({
      ...{ code: 'bad_request', detail: 'endpoint: choose one of chat, erp' },
    });
    expect(await problemFrom(await post(paths.webhookTest, { endpoint: 'x' }))).toMatchObject({
      ...{ code: 'webhook_not_found', detail: 'there is no webhook endpoint "x", only chat, erp' },
    });
    await disableEndpoint(harness.pool, 'erp', 'gone');
    expect(await problemFrom(await post(paths.webhookTest, { endpoint: 'erp' }))).toMatchObject({
      ...{ code: 'webhook_disabled', detail: expect.stringContaining('restart a daemon') },
    });
    expect((await list()).deliveries).toEqual([]);
  });
});

describe('redeliveries', () => {
  test('by ID, or of all failed deliveries', async () => {
    await register('erp');
    await register('chat');
    for (let n = 0; n < 3; n++) await endJob();
    const [one, two, three] = await claimDue(harness.pool, 'erp', 3);
    await markDelivered(harness.pool, one!, 200);
    await markFailed(harness.pool, two!, { httpStatus: 500, error: 'answered 500' }, undefined);
    const again = async (body: unknown) => {
      const response = await post(paths.webhookRedeliver, body);
      expect(response.status).toBe(202);
      return redeliveredSchema.parse(await response.json()).deliveries.map(({ id }) => id);
    };
    expect(await again({ failed: true, endpoint: 'chat' })).toEqual([]);
    expect(await again({ failed: true })).toEqual([two!.id]);
    // One that is running or waiting is delivered anyway.
    expect((await again({ ids: [one!.id, two!.id, three!.id] })).sort()).toEqual(
      [one!.id, two!.id, three!.id].sort(),
    );
    expect((await list('?endpoint=erp')).deliveries.map(({ status }) => status)).toEqual(
      Array(3).fill('pending'),
    );
    await deliver('erp');
    await vi.waitFor(() => expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(2));
  });

  test('a failed test does not count as failed, and is sent again only by its id', async () => {
    receiver.answer = (response) => void response.writeHead(404).end();
    await deliver('erp');
    const { id } = webhookDeliverySchema.parse(await (await post(paths.webhookTest, {})).json());
    expect((await list()).endpoints).toMatchObject([{ failed: 0 }]);
    const again = async (body: unknown) =>
      redeliveredSchema.parse(await (await post(paths.webhookRedeliver, body)).json()).deliveries;
    expect(await again({ failed: true })).toEqual([]);
    expect(await again({ ids: [id] })).toMatchObject([{ id, type: TEST_EVENT }]);
  });

  test('an unknown one, or one to a disabled endpoint, is refused, and none of the others is queued', async () => {
    await register('erp');
    await endJob();
    const [one] = await claimDue(harness.pool, 'erp', 1);
    await markDelivered(harness.pool, one!, 200);
    const unknown = randomUUID();
    expect(await problemFrom(await post(paths.webhookRedeliver, { ids: [one!.id, unknown] }))).toMatchObject({
      code: 'webhook_not_found',
      detail: expect.stringContaining(unknown),
    });
    await disableEndpoint(harness.pool, 'erp', 'gone');
    expect(await problemFrom(await post(paths.webhookRedeliver, { ids: [one!.id] }))).toMatchObject({
      code: 'webhook_disabled',
    });
    expect((await list()).deliveries).toMatchObject([{ status: 'delivered' }]);
  });

  test.each([
    {},
    { ids: [] },
    { ids: ['x'] },
    { failed: false },
    { ids: [randomUUID()], failed: true },
    { ids: [randomUUID()], endpoint: 'x' },
  ])('%j is refused', async (body) => {
    await register('erp');
    expect(await problemFrom(await post(paths.webhookRedeliver, body))).toMatchObject({
      code: 'bad_request',
    });
  });
});

test('the metrics count waiting deliveries', async () => {
  await register('erp');
  await endJob();
  const text = await (await fetch(harness.url + paths.metrics)).text();
  expect(text).toMatch(/^csvjobs_webhook_pending 1$/m);
  expect(text).toMatch(/^csvjobs_webhook_oldest_pending_seconds \d/m);
  expect(text).toMatch(/^csvjobs_webhook_deliveries_total\{outcome="delivered"\} 0$/m);
});
