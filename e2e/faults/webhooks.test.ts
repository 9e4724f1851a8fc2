/** Daemons killed while they deliver: each event is delivered at least once, always with the same ID. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import {
  type Receiver,
  startReceiver,
  verified,
} from '../../packages/daemon/test/webhooks/support/receiver.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, upload } from './support/client.js';
import { until } from './support/until.js';

const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const FILE = Buffer.from('name,email,company\nAnn,ann@b.co,Acme\nBob,bob@b.co,Acme\n');

let bench: Bench;
let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
  bench = await openBench({ environment: { WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: SECRET } });
});
afterEach(async () => {
  await bench.finish();
  await receiver.close();
});

interface Row {
  status: string;
  attempts: number;
}

async function deliveries(): Promise<Row[]> {
  return (await bench.pool.query<Row>('select status, attempts from webhook_deliveries')).rows;
}

/** The claim of a dead daemon expires. */
const claimsRunOut = () =>
  bench.pool.query(
    `update webhook_deliveries set next_attempt_at = now() - interval '1 second' where status = 'pending'`,
  );

// The short form has the second: its event was received before the kill, so the test can compare the IDs.
for (const [when, failpoint, before] of [
  ['before sending', 'webhook-claimed=kill', 0],
  ['between the answer and its record', 'webhook-answered=kill', 1],
] as const)
  test(`killed ${when}: another daemon delivers it, with the same ID`, before === 1 ? {} : LONG, async () => {
    const first = bench.daemon({ CSVJOBS_FAILPOINTS: failpoint });
    const id = await upload(await first.url(), FILE);
    expect(await first.ended).toBe('SIGKILL');
    expect(receiver.received).toHaveLength(before);
    // The job itself is completed, whatever happens to its webhook.
    expect(await deliveries()).toEqual([{ status: 'pending', attempts: 1 }]);

    const second = bench.daemon();
    await completed(await second.url(), id);
    await claimsRunOut();
    await until('it is delivered', async () => (await deliveries())[0]?.status === 'delivered');
    expect(receiver.received).toHaveLength(before + 1);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    for (const each of receiver.received)
      expect(verified(SECRET, each)).toMatchObject({ type: 'job.completed', data: { id, successCount: 2 } });
  });

test('while PostgreSQL is unreachable nothing is sent, and nothing is lost', LONG, async () => {
  receiver.answer = (response) => void response.writeHead(503).end();
  const daemon = bench.daemon();
  const id = await upload(await daemon.url(), FILE);
  await until('it was tried', async () => receiver.received.length === 1);
  await until(
    'the failure is noted',
    async () =>
      (await bench.pool.query(`select from webhook_deliveries where error = 'answered 503'`)).rowCount === 1,
  );
  receiver.answer = (response) => void response.writeHead(204).end();
  bench.database.refuse();
  await daemon.logged('cannot fetch due webhooks');
  await claimsRunOut();
  expect(receiver.received).toHaveLength(1);
  bench.database.admit();
  await until('it is delivered', async () => (await deliveries())[0]?.status === 'delivered');
  expect(receiver.received).toHaveLength(2);
  expect(verified(SECRET, receiver.received[1]!)).toMatchObject({ data: { id } });
});

test('a clean shutdown waits for the pending answer', async () => {
  const daemon = bench.daemon();
  receiver.answer = (response) => {
    daemon.signal('SIGTERM');
    void daemon.logged(/^stopping/).then(() => response.writeHead(204).end());
  };
  await upload(await daemon.url(), FILE);
  expect(await daemon.ended).toBe(0);
  expect(await deliveries()).toEqual([{ status: 'delivered', attempts: 1 }]);
});
