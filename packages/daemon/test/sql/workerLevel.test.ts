/** Which workers may claim a job, whatever their versions, and what is known of the active ones. */
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { loadModeSchema, specSchema } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { workerState } from '../../src/readiness.js';
import { claimJob } from '../../src/sql/claimJob.js';
import { noteAlive, noteEnd } from '../../src/sql/daemons.js';
import { jobCounts } from '../../src/sql/jobCounts.js';
import { failJob } from '../../src/sql/jobProgress.js';
import { findJob, insertJob, retryJob } from '../../src/sql/jobs.js';
import { migrate, migrationsFolder } from '../../src/sql/migrate.js';
import { WORKER_LEVEL } from '../../src/sql/workerLevel.js';
import { ON_NEWEST } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

const NAMES = readdirSync(migrationsFolder())
  .filter((file) => file.endsWith('.cjs'))
  .map((file) => file.replace(/\.cjs$/, ''))
  .sort();

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.pool.query('truncate jobs, daemons cascade');
});

/** A job of this version's API. */
async function ours(): Promise<string> {
  const id = randomUUID();
  const file = { filename: 'f.csv', sizeBytes: 1, sha256: '' };
  await insertJob(db.pool, { id, ...file, overrides: {}, idempotencyKey: null, mode: { dryRun: true } });
  return id;
}

/** A job of the API of version 0.1, as inserted by it. */
async function earlier(): Promise<string> {
  const id = randomUUID();
  await db.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256, overrides, idempotency_key) values ($1, 'f.csv', 1, '', '{}', null)`,
    [id],
  );
  return id;
}

/** The claim of version 0.1; whether it got the job. */
async function claimedByVersion1(id: string): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    `update jobs set attempt = attempt + 1, queued_ms = queued_ms + 1, phase_since = clock_timestamp()
     where id = $1 and status in ('pending', 'processing') returning id, overrides`,
    [id],
  );
  return rowCount === 1;
}

test('a worker of version 0.1 cannot claim a job of this version, in any state', ON_NEWEST, async () => {
  const id = await ours();
  expect(await claimedByVersion1(id)).toBe(false);
  expect((await claimJob(db.pool, id))?.job.attempt).toBe(1);
  // Nor after a capable worker has announced itself.
  expect(await claimedByVersion1(id)).toBe(false);
  await failJob(db.pool, id, 1, { code: 'c', message: 'm' });
  await retryJob(db.pool, id);
  expect(await claimedByVersion1(id)).toBe(false);
  expect(await findJob(db.pool, id)).toMatchObject({ status: 'pending', attempt: 1 });
});

test('not even with session_replication_role set, which some roles may do', ON_NEWEST, async () => {
  const id = await ours();
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    const claim = await client.query('update jobs set attempt = attempt + 1 where id = $1', [id]);
    expect(claim.rowCount).toBe(0);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test('a job inserted by an API of version 0.1 is only for workers of this version', ON_NEWEST, async () => {
  const id = await earlier();
  expect(await claimedByVersion1(id)).toBe(false);
  expect((await claimJob(db.pool, id))?.job.attempt).toBe(1);
  expect(await claimedByVersion1(id)).toBe(false);
});

test(
  'jobs waiting or running when the level is introduced are taken from their workers and loaded by a new one',
  ON_NEWEST,
  async () => {
    const database = await createDatabase();
    try {
      const down = NAMES.length - NAMES.indexOf('1700000000078_worker-level');
      await migrate(database.connection, { direction: 'down', count: down });
      const states = { pending: 0, processing: 3, completed: 1 };
      const ids = new Map<string, string>();
      for (const [status, attempt] of Object.entries(states)) {
        const id = randomUUID();
        ids.set(status, id);
        await database.pool.query(
          `insert into jobs (id, filename, size_bytes, sha256, status, attempt) values ($1, 'f.csv', 1, '', $2, $3)`,
          [id, status, attempt],
        );
      }
      await migrate(database.connection);
      const { rows } = await database.pool.query('select status, attempt from jobs order by status');
      expect(rows).toEqual([
        { status: 'completed', attempt: 1 },
        { status: 'pending', attempt: 1 },
        // 0083 takes it from its worker as well.
        { status: 'processing', attempt: 5 },
      ]);
      // Its worker does not fail it: its attempt is no longer current.
      const id = ids.get('processing')!;
      expect(await failJob(database.pool, id, 3, { code: 'c', message: 'm' })).toBeNull();
      expect((await claimJob(database.pool, id))?.job.attempt).toBe(6);
      expect((await claimJob(database.pool, ids.get('pending')!))?.job.attempt).toBe(2);
    } finally {
      await database.drop();
    }
  },
);

test(
  'workers of level 2 cannot write the journal of migration 0082: they lose their jobs, and get none of an API of their time',
  ON_NEWEST,
  async () => {
    const database = await createDatabase();
    const { pool, connection } = database;
    const insert = async (status: string, attempt = 0) => {
      const id = randomUUID();
      await pool.query(
        `insert into jobs (id, filename, size_bytes, sha256, status, attempt, worker_level) values ($1, 'f.csv', 1, '', $2, $3, 2)`,
        [id, status, attempt],
      );
      return id;
    };
    const level = async (id: string) =>
      (await pool.query('select worker_level as level from jobs where id = $1', [id])).rows[0].level;
    try {
      const down = NAMES.length - NAMES.indexOf('1700000000082_journal-groups');
      await migrate(connection, { direction: 'down', count: down });
      const before = [await insert('processing', 1), await insert('pending'), await insert('failed', 1)];
      await migrate(connection);
      const all = [...before, await insert('pending')];
      for (const id of all) expect(await level(id)).toBe(3);
      expect(await failJob(pool, before[0]!, 1, { code: 'c', message: 'm' })).toBeNull();
      for (const id of all) expect(await claimJob(pool, id, undefined, 2)).toBeNull();
      expect((await claimJob(pool, before[0]!))?.job.attempt).toBe(3);
      expect((await claimJob(pool, all[3]!))?.job.attempt).toBe(1);

      await migrate(connection, { direction: 'down', count: down });
      expect((await claimJob(pool, before[1]!, undefined, 2))?.job.attempt).toBe(1);
    } finally {
      await database.drop();
    }
  },
);

test(
  'a job of a later version is not for this version, but for one that supports it',
  ON_NEWEST,
  async () => {
    const id = await ours();
    await db.pool.query('update jobs set worker_level = $1', [WORKER_LEVEL + 1]);
    expect(await claimJob(db.pool, id)).toBeNull();
    expect((await claimJob(db.pool, id, undefined, WORKER_LEVEL + 2))?.job.attempt).toBe(1);
  },
);

/** A daemon with a recent heartbeat. */
async function joins(workerLevel?: number): Promise<string> {
  const id = randomUUID();
  await noteAlive(db.pool, { id, queueId: randomUUID(), name: 'a host', workerLevel }, 1);
  return id;
}

test('jobs that no active worker can load are a warning with advice, and counted', ON_NEWEST, async () => {
  const unknown = async () => (await jobCounts(db.pool)).workers;
  await joins();
  expect(await workerState(db.pool)).toBe('0 active');
  await ours();
  expect(await workerState(db.pool)).toEqual({
    message: '1 job waits and no worker is active; start one: csvjobsd --role worker',
    warning: true,
  });
  const worker = await joins(WORKER_LEVEL);
  expect(await workerState(db.pool)).toBe('1 active');
  expect(await unknown()).toEqual({ workers: 1, pending: 1, unknown: 0 });

  await ours();
  await db.pool.query('update jobs set worker_level = $1 where id = (select id from jobs limit 1)', [
    WORKER_LEVEL + 1,
  ]);
  expect(await workerState(db.pool)).toEqual({
    message:
      '1 job waits for a newer worker than those active (1); upgrade the workers like the API (2 wait in all)',
    warning: true,
  });
  expect(await unknown()).toEqual({ workers: 1, pending: 2, unknown: 1 });
  // One that an upgrade took from its worker waits as well.
  await db.pool.query(`update jobs set status = 'processing' where worker_level > $1`, [WORKER_LEVEL]);
  expect(await unknown()).toEqual({ workers: 1, pending: 2, unknown: 1 });
  await joins(WORKER_LEVEL + 1);
  expect(await workerState(db.pool)).toBe('2 active');
  await db.pool.query(`update jobs set status = 'pending'`);

  // One that has ended, and one without a recent heartbeat.
  await noteEnd(db.pool, worker);
  await db.pool.query(`update daemons set seen_at = now() - interval '1 minute'`);
  expect(await unknown()).toEqual({ workers: 0, pending: 2, unknown: 2 });
});

test(
  'WORKER_LEVEL covers everything that a job can ask of a worker: raise it with each new line here',
  ON_NEWEST,
  async () => {
    const asked = { mode: loadModeSchema, spec: specSchema };
    const lines = Object.entries(asked).flatMap(([name, schema]) =>
      pathsOf(name, z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })),
    );
    const text = `level ${WORKER_LEVEL}\n${[...new Set(lines)].sort().join('\n')}\n`;
    await expect(text).toMatchFileSnapshot('asked-of-workers.txt');
  },
);

/** Every property in a JSON Schema, with its allowed values if listed. */
function pathsOf(path: string, schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, enum: values, const: value, ...rest } = schema as Record<string, unknown>;
  const listed = [...(Array.isArray(values) ? values : []), ...(value === undefined ? [] : [value])];
  const below = ['items', 'prefixItems', 'additionalProperties', 'anyOf', 'oneOf', 'allOf', '$defs'].flatMap(
    (key) => Object.values({ one: rest[key] ?? [] }).flat(),
  );
  return [
    ...listed.map((each) => `${path} = ${JSON.stringify(each)}`),
    ...Object.entries(properties as object).flatMap(([name, each]) => [
      `${path}.${name}`,
      ...pathsOf(`${path}.${name}`, each),
    ]),
    ...below.flatMap((each) => pathsOf(path, each)),
  ];
}
