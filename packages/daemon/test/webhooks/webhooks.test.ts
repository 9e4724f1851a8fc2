/**
 * From the outbox to a receiver: what arrives, what is retried and when, and that several daemons share the
 * work.
 */
import { randomUUID } from 'node:crypto';
import { jobSummarySchema, WEBHOOK_EVENTS, type WebhookDelivery } from '@csvjobs/shared';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { cancelJob, findJob, insertJob } from '../../src/sql/jobs.js';
import { claimDue, markDelivered } from '../../src/sql/webhooks/claim.js';
import {
  insertTest,
  listDeliveries,
  listEndpoints,
  pendingDeliveries,
  redeliver,
  removeEnded,
} from '../../src/sql/webhooks/deliveries.js';
import { registerEndpoint } from '../../src/sql/webhooks/endpoints.js';
import { AT_A_TIME, type Counted } from '../../src/webhooks/deliver.js';
import type { Endpoint } from '../../src/webhooks/endpoint.js';
import { RETRY_DELAYS } from '../../src/webhooks/schedule.js';
import { startWebhooks, type WebhookDependencies, type Webhooks } from '../../src/webhooks/webhooks.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type Receiver, startReceiver, verified } from './support/receiver.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OLD_SECRET = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;

/** An endpoint that no daemon delivers to yet. */
const DEFAULT = { name: 'default', origin: 'x', events: WEBHOOK_EVENTS, tables: undefined };

let db: TestDatabase;
let receiver: Receiver;
let running: Webhooks[];
let counted: Counted[];
let logged: string[];

beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.plain('truncate jobs, customers, webhook_deliveries, webhook_endpoints cascade');
  receiver = await startReceiver();
  [running, counted, logged] = [[], [], []];
});
afterEach(async () => {
  for (const each of running) await each.stop();
  await receiver.close();
});

/** A daemon's webhooks. */
async function daemon(
  endpoint: Partial<Endpoint> | Partial<Endpoint>[] = {},
  more: Partial<WebhookDependencies> = {},
): Promise<Webhooks> {
  const note = (_fields: object, message: string) => void logged.push(message);
  const endpoints = [endpoint].flat().map((each) => ({
    ...{ name: 'default', url: new URL(receiver.url), secrets: [SECRET], events: WEBHOOK_EVENTS },
    ...{ tables: undefined, allowPrivate: false },
    ...each,
  }));
  const webhooks = await startWebhooks(endpoints, {
    pool: db.pool,
    version: '1.2.3',
    log: { info: note, warn: note, error: note },
    count: (outcome) => void counted.push(outcome),
    lookMs: 20,
    random: () => 0.5,
    ...more,
  });
  running.push(webhooks);
  return webhooks;
}

/** A job that ends. */
async function endJob(filename = 'orders.csv'): Promise<string> {
  const id = randomUUID();
  const file = { filename, sizeBytes: 1, sha256: '0'.repeat(64) };
  await insertJob(db.pool, { id, ...file, overrides: {}, idempotencyKey: null });
  await cancelJob(db.pool, id);
  return id;
}

const deliveries = () => listDeliveries(db.pool, { limit: 1_000 });

/** The only delivery, once it matches. */
async function delivery(like: Partial<WebhookDelivery>): Promise<WebhookDelivery> {
  return vi.waitFor(async () => {
    const [only, ...more] = await deliveries();
    expect(more).toEqual([]);
    expect(only).toMatchObject(like);
    return only!;
  });
}

/** Waits for what a daemon counts and logs: it does so after the result is in the database. */
const inTime = (holds: () => void) => vi.waitFor(holds);

/** Seconds from the last attempt to the next one. */
const pauseOf = ({ lastAttemptAt, nextAttemptAt }: WebhookDelivery) =>
  (Date.parse(nextAttemptAt!) - Date.parse(lastAttemptAt!)) / 1_000;

/** Lets this much time pass, from the outbox's view. */
const later = (interval: string) =>
  db.plain(`update webhook_deliveries set next_attempt_at = next_attempt_at - interval '${interval}',
    created_at = created_at - interval '${interval}', last_attempt_at = last_attempt_at - interval '${interval}',
    ended_at = ended_at - interval '${interval}'`);

describe('a delivery', () => {
  test('is the job as the API shows it, signed, sent once', async () => {
    await daemon();
    const id = await endJob();
    const { webhookId } = await delivery({ status: 'delivered', attempts: 1, httpStatus: 204, error: null });
    const [received, ...more] = receiver.received;
    expect(more).toEqual([]);
    const body = verified(SECRET, received!);
    const job = jobSummarySchema.parse(await findJob(db.pool, id));
    const [{ createdAt }] = (await deliveries()) as [WebhookDelivery];
    expect(body).toEqual({ type: 'job.cancelled', timestamp: createdAt, data: job });
    expect(received!.headers).toMatchObject({
      'webhook-id': webhookId,
      'content-type': 'application/json',
      'user-agent': 'csvjobs/1.2.3',
    });
    expect(webhookId).toMatch(/^msg_[0-9a-f-]{36}$/);
    await inTime(() => expect(counted).toEqual(['delivered']));
  });

  test('has both signatures while a secret is replaced; a wrong one is rejected', async () => {
    await daemon({ secrets: [SECRET, OLD_SECRET] });
    await endJob();
    await delivery({ status: 'delivered' });
    const [received] = receiver.received;
    expect(verified(OLD_SECRET, received!)).toEqual(verified(SECRET, received!));
    const wrong = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
    expect(() => verified(wrong, received!)).toThrow();
    expect(() => verified(SECRET, { ...received!, body: `${received!.body} ` })).toThrow();
  });

  test('hours later has the time of the attempt: a receiver accepts it, and the event keeps its time', async () => {
    receiver.answer = (response) => void response.writeHead(500).end();
    await daemon();
    await endJob();
    await delivery({ attempts: 1, httpStatus: 500 });
    receiver.answer = (response) => void response.writeHead(204).end();
    await later('3 hours');
    await delivery({ status: 'delivered', attempts: 2 });
    const [first, second] = receiver.received;
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    const { timestamp } = verified(SECRET, second!) as unknown as { timestamp: string };
    expect(Date.now() - Date.parse(timestamp)).toBeGreaterThan(10_000_000);
    // The receiver's clock now rejects the earlier request.
    const old = String(Number(first!.headers['webhook-timestamp']) - 3 * 3_600);
    const stale = { ...first!, headers: { ...first!.headers, 'webhook-timestamp': old } };
    expect(() => verified(SECRET, stale)).toThrow(/too old/i);
  });

  test('each endpoint gets its own, and one that hangs delays no other', async () => {
    const other = await startReceiver();
    onTestFinished(() => other.close());
    receiver.answer = () => {};
    await daemon([{ name: 'hangs' }, { name: 'works', url: new URL(other.url), secrets: [OLD_SECRET] }]);
    for (let n = 0; n < 3 * AT_A_TIME; n++) await endJob();
    await vi.waitFor(() => expect(other.received).toHaveLength(3 * AT_A_TIME));
    // Requests to two receivers arrive in any order: the last to the one that hangs may come after all others.
    await vi.waitFor(() => expect(receiver.received).toHaveLength(AT_A_TIME));
    for (const each of other.received) verified(OLD_SECRET, each);
  });
});

describe('a failed delivery', () => {
  test('is retried by the delays of the schedule, for 24 hours, and then given up', async () => {
    receiver.answer = (response) => void response.writeHead(500).end();
    await daemon();
    await endJob();
    for (const [at, delay] of RETRY_DELAYS.entries()) {
      const failed = await delivery({ status: 'pending', attempts: at + 1, error: 'answered 500' });
      expect(Math.abs(pauseOf(failed) - delay / 1_000)).toBeLessThan(30);
      expect(receiver.received).toHaveLength(at + 1);
      await db.plain(
        `update webhook_deliveries set next_attempt_at = next_attempt_at - interval '${delay} milliseconds'`,
      );
    }
    const attempts = RETRY_DELAYS.length + 1;
    await delivery({ status: 'failed', attempts, nextAttemptAt: null, httpStatus: 500 });
    await inTime(() => expect(counted).toEqual([...RETRY_DELAYS.map(() => 'retry'), 'failed']));
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    await inTime(() => expect(logged).toContain('gave up on a webhook'));
    await later('30 days');
    expect(await claimDue(db.pool, 'default', 10)).toEqual([]);
  });

  test('is delayed if the receiver asks for more time', async () => {
    receiver.answer = (response) => void response.writeHead(429, { 'retry-after': '600' }).end();
    await daemon();
    await endJob();
    expect(Math.abs(pauseOf(await delivery({ attempts: 1, httpStatus: 429 })) - 600)).toBeLessThan(30);
  });

  test('without a response counts as failed', async () => {
    receiver.answer = () => {};
    await daemon({}, { answerMs: 200 });
    await endJob();
    await delivery({ status: 'pending', attempts: 1, httpStatus: null, error: 'no answer within 0.2 s' });
  });

  test('with 410 disables the endpoint, and gives up its pending deliveries, until a daemon is started', async () => {
    const first = await daemon();
    receiver.answer = (response) => void response.writeHead(410).end();
    await endJob();
    await delivery({ status: 'failed', attempts: 1, httpStatus: 410 });
    await vi.waitFor(async () => expect((await listEndpoints(db.pool))[0]?.disabledAt).not.toBeNull());
    const disabled = 'webhook endpoint disabled: it answered 410; restart a daemon to try it again';
    await inTime(() => expect(logged).toContain(disabled));
    await endJob();
    expect(await deliveries()).toHaveLength(1);
    expect(await redeliver(db.pool, { failed: true })).toEqual([]);
    expect(await pendingDeliveries(db.pool)).toEqual({ count: 0, oldestSeconds: 0 });
    await first.stop();

    receiver.answer = (response) => void response.writeHead(204).end();
    await daemon();
    await endJob();
    await vi.waitFor(async () => expect((await deliveries())[0]).toMatchObject({ status: 'delivered' }));
    expect((await listEndpoints(db.pool))[0]).toMatchObject({ disabledAt: null });
  });

  test('waiting for an endpoint that answered 410 is given up', async () => {
    await registerEndpoint(db.pool, DEFAULT);
    for (let n = 0; n < 20; n++) await endJob();
    receiver.answer = (response) => void response.writeHead(410).end();
    await daemon();
    await vi.waitFor(async () =>
      expect((await deliveries()).every(({ status }) => status === 'failed')).toBe(true),
    );
    expect(receiver.received.length).toBeLessThan(20);
  });
});

describe('several daemons', () => {
  test('share due deliveries: each webhook is sent once', async () => {
    await daemon();
    await daemon();
    await daemon();
    const ids = await Promise.all(Array.from({ length: 60 }, () => endJob()));
    await vi.waitFor(async () =>
      expect((await deliveries()).every(({ status }) => status === 'delivered')).toBe(true),
    );
    const sent = receiver.received.map((each) => verified(SECRET, each).data.id);
    expect(sent.sort()).toEqual(ids.sort());
  });

  test('claim separate deliveries without waiting for each other', async () => {
    await registerEndpoint(db.pool, DEFAULT);
    for (let n = 0; n < 5; n++) await endJob();
    const one = await db.pool.connect();
    await one.query('begin');
    const first = await claimDue(one, 'default', 2);
    const second = await claimDue(db.pool, 'default', 10);
    await one.query('commit');
    one.release();
    expect([first.length, second.length]).toEqual([2, 3]);
    expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(5);
    expect(await claimDue(db.pool, 'default', 10)).toEqual([]);
  });

  test('take over deliveries of a dead daemon after its claim expires, under the same ID', async () => {
    await registerEndpoint(db.pool, DEFAULT);
    const id = await endJob();
    // Claimed, and then silent.
    const [lost] = await claimDue(db.pool, 'default', 10);
    expect(lost).toMatchObject({ jobId: id, attempt: 1 });
    await daemon();
    await endJob();
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    expect(receiver.received[0]!.headers['webhook-id']).not.toBe(lost!.webhookId);
    await later('2 minutes');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2));
    expect(receiver.received[1]!.headers['webhook-id']).toBe(lost!.webhookId);
    // A late result of the dead daemon changes nothing.
    await vi.waitFor(async () =>
      expect((await deliveries()).every(({ status }) => status === 'delivered')).toBe(true),
    );
    await markDelivered(db.pool, lost!, 299);
    expect((await deliveries()).map(({ httpStatus }) => httpStatus)).toEqual([204, 204]);
  });
});

describe('a stop', () => {
  test('waits for running attempts, and starts no more', async () => {
    const answers: (() => void)[] = [];
    receiver.answer = (response) => void answers.push(() => void response.writeHead(204).end());
    const webhooks = await daemon();
    await endJob();
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    const drained = webhooks.drain(60_000);
    await endJob();
    answers[0]!();
    await drained;
    expect(answers).toHaveLength(1);
    expect((await deliveries()).map(({ status }) => status)).toEqual(['pending', 'delivered']);
  });

  test('returns unfinished ones: another daemon sends them at once, with the same ID', async () => {
    receiver.answer = () => {};
    const webhooks = await daemon();
    await endJob();
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    await webhooks.drain(0);
    const [given] = await deliveries();
    expect(given).toMatchObject({ status: 'pending', attempts: 0 });
    receiver.answer = (response) => void response.writeHead(204).end();
    await daemon();
    await delivery({ status: 'delivered', attempts: 1 });
    const [first, second] = receiver.received;
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    await inTime(() => expect(counted).toEqual(['delivered']));
  });

  test('returns as many as can hang at a time, without a wait for one of them to fail', async () => {
    receiver.answer = () => {};
    const webhooks = await daemon();
    for (let n = 0; n < 2 * AT_A_TIME; n++) await endJob();
    await vi.waitFor(() => expect(receiver.received).toHaveLength(AT_A_TIME));
    await webhooks.drain(0);
    for (const each of await deliveries()) expect(each).toMatchObject({ status: 'pending', attempts: 0 });
    expect(receiver.received).toHaveLength(AT_A_TIME);
  });
});

describe('tests and redeliveries', () => {
  test('a test is sent once, whatever the endpoint’s events, and is not retried', async () => {
    await daemon({ events: ['job.undone'] });
    await insertTest(db.pool, 'default');
    await delivery({ status: 'delivered', type: 'webhook.test', jobId: null });
    expect(verified(SECRET, receiver.received[0]!)).toMatchObject({
      type: 'webhook.test',
      data: { endpoint: 'default' },
    });
    await db.plain('truncate webhook_deliveries');
    receiver.answer = (response) => void response.writeHead(500).end();
    await insertTest(db.pool, 'default');
    await delivery({ status: 'failed', attempts: 1, error: 'answered 500' });
  });

  test('a failed or delivered one is sent again with its ID', async () => {
    await daemon();
    await endJob();
    const { id } = await delivery({ status: 'delivered' });
    expect(await redeliver(db.pool, { failed: true })).toEqual([]);
    expect(await redeliver(db.pool, { ids: [id] })).toMatchObject([{ id, status: 'pending', attempts: 0 }]);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2));
    await delivery({ status: 'delivered', attempts: 1 });
    expect(receiver.received[1]!.headers['webhook-id']).toBe(receiver.received[0]!.headers['webhook-id']);
  });
});

describe('cleanup', () => {
  test('deliveries are deleted a week after their end; pending ones stay', async () => {
    await registerEndpoint(db.pool, DEFAULT);
    for (let n = 0; n < 3; n++) await endJob();
    const [one, two] = await claimDue(db.pool, 'default', 2);
    await markDelivered(db.pool, one!, 200);
    await later('6 days');
    await markDelivered(db.pool, two!, 200);
    const week = 7 * 24 * 3_600_000;
    expect(await removeEnded(db.pool, week)).toBe(0);
    await later('2 days');
    expect(await removeEnded(db.pool, week)).toBe(1);
    expect((await deliveries()).map(({ status }) => status).sort()).toEqual(['delivered', 'pending']);
    await later('30 days');
    await daemon({ name: 'another' });
    await vi.waitFor(async () =>
      expect((await deliveries()).map(({ status }) => status)).toEqual(['pending']),
    );
  });

  test('an endpoint missing from every configuration is forgotten after a while, and its pending deliveries given up', async () => {
    const first = await daemon({ name: 'old' });
    await first.stop();
    await endJob();
    // A daemon that has just started gives those that have the endpoint time to start, too.
    await db.plain(`update webhook_endpoints set seen_at = now() - interval '2 hours'`);
    const patient = await daemon([], { keepMs: 20, forgetMs: 3_600_000 });
    await endJob();
    expect((await listEndpoints(db.pool)).map(({ name }) => name)).toEqual(['old']);
    await patient.stop();
    await daemon([], { keepMs: 20, forgetMs: 300 });
    await vi.waitFor(async () => expect(await listEndpoints(db.pool)).toEqual([]));
    expect((await deliveries()).map(({ status }) => status)).toEqual(['failed', 'failed']);
    await endJob();
    expect(await deliveries()).toHaveLength(2);
    const forgotten = 'no daemon has these webhook endpoints in its configuration any more';
    await inTime(() => expect(logged).toContain(forgotten));
  });

  test('an endpoint that a daemon has is kept, even if it was removed meanwhile', async () => {
    await daemon({ name: 'mine' }, { keepMs: 20, forgetMs: 300 });
    await daemon([], { keepMs: 20, forgetMs: 300 });
    await db.plain('delete from webhook_endpoints');
    await vi.waitFor(async () =>
      expect((await listEndpoints(db.pool)).map(({ name }) => name)).toEqual(['mine']),
    );
  });
});

test('pending deliveries are counted, with their longest wait', async () => {
  expect(await pendingDeliveries(db.pool)).toEqual({ count: 0, oldestSeconds: 0 });
  await registerEndpoint(db.pool, {
    ...{ name: 'default', origin: 'x', events: WEBHOOK_EVENTS, tables: undefined },
  });
  await endJob();
  await later('1 hour');
  await endJob();
  const { count, oldestSeconds } = await pendingDeliveries(db.pool);
  expect(count).toBe(2);
  expect(oldestSeconds).toBeGreaterThanOrEqual(3_600);
  expect(await listEndpoints(db.pool)).toMatchObject([{ name: 'default', pending: 2, failed: 0 }]);
});
