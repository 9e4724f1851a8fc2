/** A lane can be closed whatever it waits for, and leaves no settings on a pooled session. */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { endEarlierAttempts } from '../../src/sql/attempts.js';
import { openSession } from '../../src/sql/lanes.js';
import type { Connection } from '../../src/sql/pool.js';
import { skipWithout } from '../support/form.js';
import { hasPgBouncer, type PgBouncer, startPgBouncer } from '../support/pgbouncer.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let bouncer: PgBouncer | undefined;

beforeAll(async () => {
  database = await createDatabase();
  if (hasPgBouncer()) bouncer = await startPgBouncer(database.connection);
});
afterAll(async () => {
  await bouncer?.stop();
  await database.drop();
});

/** The backends with the application name of a job's lanes. */
const backendsOf = async (job: string) =>
  (
    await database.pool.query<{ pid: number; wait_event_type: string; state: string }>(
      'select pid, wait_event_type, state from pg_stat_activity where application_name like $1',
      [`csvjobs ${job}/%`],
    )
  ).rows;

describe.each([
  ['directly', () => database.connection as Connection],
  ['through PgBouncer', () => bouncer?.connection],
])('%s', (_, where) => {
  test('a lane closed while waiting for a lock is gone although the lock is still held', async (context) => {
    const connection = where() ?? skipWithout(context, 'PgBouncer');
    const job = randomUUID();
    const holder = await database.pool.connect();
    onTestFinished(async () => {
      await holder.query('rollback');
      holder.release();
    });
    await holder.query('begin; lock table customers in share row exclusive mode');
    const lane = await openSession(connection, {
      job,
      attempt: 1,
      skipForeignKey: false,
      whole: false,
      silenceMs: 120_000,
    });
    await lane.begin(true);
    const waiting = lane.client.query('lock table customers in row exclusive mode');
    waiting.catch(() => {});
    await vi.waitFor(async () => expect(await backendsOf(job)).toMatchObject([{ wait_event_type: 'Lock' }]));
    await lane.close();
    await expect(waiting).rejects.toThrow();
    await vi.waitFor(async () => expect(await backendsOf(job)).toEqual([]));
  });

  test('an attempt abandoned inside a transaction is terminated, and its name disappears with it', async (context) => {
    const connection = where() ?? skipWithout(context, 'PgBouncer');
    const job = randomUUID();
    const lane = await openSession(connection, {
      job,
      attempt: 1,
      skipForeignKey: false,
      whole: false,
      silenceMs: 120_000,
    });
    expect(await backendsOf(job)).toEqual([]);
    await lane.begin(false);
    // PostgreSQL shows the state a moment before the wait: a backend that does not wait yet counts as
    // working.
    await vi.waitFor(async () =>
      expect(await backendsOf(job)).toMatchObject([
        { state: 'idle in transaction', wait_event_type: 'Client' },
      ]),
    );
    await endEarlierAttempts(database.pool, randomUUID());
    expect(await backendsOf(job)).toHaveLength(1);
    await endEarlierAttempts(database.pool, job);
    await vi.waitFor(async () => expect(await backendsOf(job)).toEqual([]));
    await lane.close();
  });
});

test('a pooled backend whose client is working is not terminated: it may soon serve another client', {
  tags: 'long',
}, async (context) => {
  const connection = bouncer?.connection ?? skipWithout(context, 'PgBouncer');
  const job = randomUUID();
  const lane = await openSession(connection, {
    job,
    attempt: 1,
    skipForeignKey: false,
    whole: false,
    silenceMs: 120_000,
  });
  await lane.begin(false);
  const [before] = await backendsOf(job);
  let over = false;
  const ending = endEarlierAttempts(database.pool, job).finally(() => {
    over = true;
  });
  // It nearly always waits for its client, like an idle one, but never for long.
  while (!over) {
    await lane.client.query('select 1');
    await setTimeout(20);
  }
  await ending;
  expect((await backendsOf(job)).map(({ pid }) => pid)).toEqual([before!.pid]);
  await lane.client.query('commit');
  await lane.close();
});
