/** Which backends are terminated for a job, and which attempts still own theirs. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { endAttempt, endEarlierAttempts, loaderName, ownedAttempts } from '../../src/sql/attempts.js';
import { claimJob } from '../../src/sql/claimJob.js';
import type { Db } from '../../src/sql/pool.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { processingJob } from './support/processing.js';

let db: TestDatabase;
const ROLE = `other_${randomUUID().slice(0, 8)}`;
let open: pg.Client[] = [];

beforeAll(async () => {
  db = await createDatabase();
  await db.plain(`create role ${ROLE} login`);
});
afterEach(async () => {
  await Promise.all(open.map((client) => client.end().catch(() => {})));
  open = [];
});
afterAll(async () => {
  await db.plain(`drop role ${ROLE}`);
  await db.drop();
});

/** A session with this name. */
async function session(name: string, more: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ ...db.connection, application_name: name, ...more });
  // It may be terminated.
  client.on('error', () => {});
  await client.connect();
  open.push(client);
  return client;
}

/** The names of the sessions about a job, with the role if it is not ours. */
async function sessionsOf(job: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ name: string }>(
    `select application_name || case when usename = current_user then '' else ', other role' end as name
     from pg_stat_activity where application_name like $1`,
    [`%${job}%`],
  );
  return rows.map(({ name }) => name).sort();
}

/** The pool, with a count of its statements. */
function counted() {
  const at = { looks: 0 };
  const query = (...args: Parameters<typeof db.pool.query>) => {
    const result = db.pool.query(...args);
    return (result as unknown as Promise<unknown>).then((rows) => {
      at.looks++;
      return rows;
    });
  };
  return { at, db: { query } as unknown as Db };
}

/** Lets a session work for as long as the test lasts. */
async function works(client: pg.Client): Promise<void> {
  client.query('select pg_sleep(600)').catch(() => {});
  await vi.waitFor(async () => {
    const { rows } = await db.pool.query(
      `select from pg_stat_activity where query = 'select pg_sleep(600)' and application_name = $1`,
      [
        (client as unknown as { connectionParameters: { application_name: string } }).connectionParameters
          .application_name,
      ],
    );
    expect(rows).toHaveLength(1);
  });
}

test('before a claim, the backends of all attempts at the job are terminated, at the first look', async () => {
  const id = await processingJob(db.pool);
  const held = await processingJob(db.pool);
  await db.pool.query(`update jobs set status = 'held' where id = $1`, [held]);
  const name = loaderName(id, 1, false);
  await works(await session(name));
  await session(loaderName(id, 12, false));
  // Of version 0.1.
  await session(`csvjobs ${id} 3`);
  await session(name, { user: ROLE });
  const holder = await session(loaderName(held, 1, false));
  await session(`csvjobs ${id}`);
  const { at, db: looking } = counted();
  await endEarlierAttempts(looking, id);
  expect(at.looks).toBe(1);
  const others = [`csvjobs ${id}`, `${name}, other role`];
  await vi.waitFor(async () => expect(await sessionsOf(id)).toEqual(others));
  // A held job keeps its rows in an open transaction, so nothing may end its backend.
  await endEarlierAttempts(db.pool, held);
  expect((await holder.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('a backend does not terminate itself, whatever its name', async () => {
  const id = await processingJob(db.pool);
  const own = await session(loaderName(id, 1, false));
  await endEarlierAttempts(own, id);
  await endAttempt(own, id, 1);
  expect((await own.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('a pooled backend that works is left alone at once, and one that waits until its transaction ends', async () => {
  const id = await processingJob(db.pool);
  const pooled = loaderName(id, 1, true);
  await works(await session(pooled));
  const first = counted();
  await endEarlierAttempts(first.db, id);
  expect(first.at.looks).toBe(1);
  expect(await sessionsOf(id)).toEqual([pooled]);

  const client = await session('a pooler');
  await client.query(`begin; set local application_name = '${loaderName(id, 2, true)}'`);
  // The answer arrives a moment before PostgreSQL notes that the backend waits for its client.
  await vi.waitFor(async () => {
    const { rows } = await db.pool.query(
      `select from pg_stat_activity where application_name = $1 and wait_event = 'ClientRead'`,
      [loaderName(id, 2, true)],
    );
    expect(rows).toHaveLength(1);
  });
  const { at, db: looking } = counted();
  const ending = endEarlierAttempts(looking, id);
  await vi.waitFor(() => expect(at.looks).toBe(1));
  await client.query('commit');
  await ending;
  expect(at.looks).toBeGreaterThan(1);
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('the backend of one attempt is terminated, and no other', async () => {
  const id = randomUUID();
  const names = [loaderName(id, 1, false), loaderName(id, 11, false), loaderName(id, 2, false)];
  for (const name of names) await session(name);
  await session(names[0]!, { user: ROLE });
  const other = loaderName(randomUUID(), 1, false);
  await session(other);
  await endAttempt(db.pool, id, 1);
  const left = [`${names[0]}, other role`, names[1], names[2]];
  await vi.waitFor(async () => expect(await sessionsOf(id)).toEqual(left));
  expect(await sessionsOf(other.slice(0, -2))).toEqual([other]);
});

test.each([
  ['pending', ['starting']],
  ['processing', ['starting', 'loading']],
  ['held', ['starting', 'loading']],
  ['completed', ['starting', 'loading']],
  ['failed', ['starting', 'loading']],
  ['cancelled', []],
  ['undone', []],
])('a job that is %s belongs to its newest attempt if that is one of %o', async (status, owners) => {
  const [id, other] = [await processingJob(db.pool), await processingJob(db.pool)];
  for (const each of [id, other, other]) await claimJob(db.pool, each);
  await db.pool.query('update jobs set status = $2 where id = $1', [id, status]);
  const attempts = { starting: false, loading: true };
  for (const [name, loading] of Object.entries(attempts)) {
    const mine = (jobId: string, attempt: number) => ({ jobId, attempt, loading });
    const owned = await ownedAttempts(db.pool, [mine(id, 2), mine(other, 2)]);
    expect([...owned]).toEqual(owners.includes(name) ? [id] : []);
    expect(await ownedAttempts(db.pool, [mine(id, 1), mine(other, 3)])).toEqual(new Set([other]));
  }
});
