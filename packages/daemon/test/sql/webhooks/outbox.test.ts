/**
 * Every way in which a job ends, or is held, writes its webhooks in the same transaction; nothing else writes
 * any.
 */
import { randomUUID } from 'node:crypto';
import {
  jobSummarySchema,
  type LoadMode,
  parseTablePatterns,
  type Spec,
  tableRegex,
  WEBHOOK_EVENTS,
} from '@csvjobs/shared';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { armFailpoints } from '../../../src/failpoint.js';
import { createHeldJobs } from '../../../src/queue/heldJobs.js';
import { createOwnership } from '../../../src/queue/ownership.js';
import { DeliverAgain } from '../../../src/queue/queue.js';
import { createWorker } from '../../../src/queue/worker.js';
import { sweep } from '../../../src/retention.js';
import { deleteJob } from '../../../src/sql/deletedJobs.js';
import { acceptHeld, discardHeld, failUnheld } from '../../../src/sql/heldJobs.js';
import { cancelJob, findJob, insertJob, retryJob } from '../../../src/sql/jobs.js';
import { maySkipForeignKey } from '../../../src/sql/lanes.js';
import { migrate } from '../../../src/sql/migrate.js';
import { createPool } from '../../../src/sql/pool.js';
import { startAgain } from '../../../src/sql/undo/startAgain.js';
import { undoJob } from '../../../src/sql/undo/undoJob.js';
import { claimDue } from '../../../src/sql/webhooks/claim.js';
import { disableEndpoint, registerEndpoint } from '../../../src/sql/webhooks/endpoints.js';
import { never } from '../../pipeline/support/loading.js';
import { openTestLoad } from '../../pipeline/support/testLoad.js';
import { makeTargetJob } from '../../pipeline/target/support.js';
import { inShortIf } from '../../support/form.js';
import { createDatabase } from '../../support/postgres.js';

const { loading, db } = await openTestLoad();
beforeAll(() =>
  db.plain('create schema shop; create table shop.prices (sku text primary key, price integer not null)'),
);
beforeEach(async () => {
  await db.plain(
    'truncate jobs, customers, job_errors, shop.prices, webhook_deliveries, webhook_endpoints cascade',
  );
  await hears({ name: 'default' });
});

/** An endpoint that receives every event, unless set otherwise. */
function hears(endpoint: { name: string } & Partial<Parameters<typeof registerEndpoint>[1]>): Promise<void> {
  const all = { origin: 'https://x.example', events: WEBHOOK_EVENTS, tables: undefined };
  return registerEndpoint(db.pool, { ...all, ...endpoint });
}

interface Written {
  event_id: string;
  type: string;
  endpoint: string;
  job_id: string;
}

/** The outbox, oldest first. */
async function outbox(): Promise<Written[]> {
  const { rows } = await db.pool.query<Written>(
    'select event_id, type, endpoint, job_id from webhook_deliveries order by created_at, endpoint',
  );
  return rows;
}

const CSV = Buffer.from(
  `name,email,company\n${Array.from({ length: 90 }, (_, n) => `Ann,a${n}@b.co,Acme`).join('\n')}\nAnn,wrong,Acme\n`,
);

async function customers(mode: LoadMode = {}): Promise<string> {
  const id = await loading.makeJob(db.pool, CSV);
  await db.pool.query('update jobs set mode = $2 where id = $1', [id, JSON.stringify(mode)]);
  return id;
}

const prices = (spec?: Spec) =>
  makeTargetJob(loading, db.pool, {
    table: { schema: 'shop', name: 'prices' },
    header: ['sku', 'price'],
    records: [
      ['a', '1'],
      ['b', '2'],
      ['c', 'x'],
    ],
    ...(spec && { spec }),
  });

/** Works on a job like a daemon, until `then` is done. */
async function work(
  id: string,
  {
    holdMs = 3_600_000,
    retryLimit = 2,
    failing = false,
    meanwhile,
  }: { holdMs?: number; retryLimit?: number; failing?: boolean; meanwhile?: () => unknown } = {},
): Promise<void> {
  const log = { info() {}, warn() {}, error() {} };
  const publish = () => {};
  const observer = { loaded() {}, ended() {} };
  const keeper = createHeldJobs({
    pool: db.pool,
    timeoutMs: holdMs,
    publish,
    onProgress: () => {},
    observer,
    log,
  });
  const deps = loading.dependencies(db, 2, { publish, observer, keeper });
  const ownership = createOwnership({ pool: db.pool, onProgress: () => {} });
  const worker = createWorker({ ...deps, refusal: () => undefined, ownership, retryLimit, log }, never);
  try {
    for (;;) {
      if (failing) armFailpoints([{ name: 'before-commit', nth: 1, action: 'throw', ms: 0 }]);
      const again = await worker(id).catch((error: unknown) => {
        if (error instanceof DeliverAgain) return true;
        throw error;
      });
      if (!again) break;
    }
    await meanwhile?.();
  } finally {
    await keeper.close();
  }
}

/** Waits until a job has a status. */
const reaches = (id: string, status: string) =>
  vi.waitFor(async () => expect((await findJob(db.pool, id))?.status).toBe(status));

const HOLD = { atomic: true, hold: true } as const;

/** How jobs end, and the events to write. Each returns the job's ID. */
const WAYS: Record<string, { writes: string[]; end(): Promise<string> }> = {
  'loaded batch by batch': {
    writes: ['job.completed'],
    end: async () => {
      const id = await customers();
      await work(id);
      return id;
    },
  },
  'loaded in one transaction': {
    writes: ['job.completed'],
    end: async () => {
      // The trigger must fire even if plain triggers are disabled.
      expect(await maySkipForeignKey(db.pool)).toBe(true);
      const id = await customers({ atomic: true });
      await work(id);
      return id;
    },
  },
  'a dry run': {
    writes: ['job.completed'],
    end: async () => {
      const id = await customers({ dryRun: true });
      await work(id);
      return id;
    },
  },
  'loaded into another table': {
    writes: ['job.completed'],
    end: async () => {
      const id = await prices();
      await work(id);
      return id;
    },
  },
  'rejected by its gate': {
    writes: ['job.failed'],
    end: async () => {
      const id = await customers({ atomic: true, maxErrors: 0 });
      await work(id);
      return id;
    },
  },
  'failed after all attempts': {
    writes: ['job.failed'],
    end: async () => {
      const id = await customers();
      await work(id, { retryLimit: 1, failing: true });
      expect((await findJob(db.pool, id))?.failure?.code).toBe('failpoint');
      return id;
    },
  },
  'held and accepted': {
    writes: ['job.held', 'job.completed'],
    end: async () => {
      const id = await customers(HOLD);
      await work(id, {
        meanwhile: async () => {
          await acceptHeld(db.pool, id, 'ci');
          await reaches(id, 'completed');
        },
      });
      return id;
    },
  },
  'held and discarded': {
    writes: ['job.held', 'job.cancelled'],
    end: async () => {
      const id = await customers(HOLD);
      await work(id, { meanwhile: () => discardHeld(db.pool, id, 'ci') });
      return id;
    },
  },
  'held for too long': {
    writes: ['job.held', 'job.failed'],
    end: async () => {
      const id = await customers(HOLD);
      await work(id, { holdMs: 1, meanwhile: () => reaches(id, 'failed') });
      return id;
    },
  },
  'held by a daemon that stops': {
    writes: ['job.held', 'job.failed'],
    end: async () => {
      const id = await customers(HOLD);
      await work(id);
      return id;
    },
  },
  'held by a dead daemon': {
    writes: ['job.held', 'job.failed'],
    end: async () => {
      const id = await customers();
      await db.pool.query(`update jobs set status = 'held', held_until = now() where id = $1`, [id]);
      expect(await failUnheld(db.pool)).toHaveLength(1);
      return id;
    },
  },
  'cancelled while waiting': {
    writes: ['job.cancelled'],
    end: async () => {
      const id = await customers();
      await cancelJob(db.pool, id);
      return id;
    },
  },
  'cancelled while loading': {
    writes: ['job.cancelled'],
    end: async () => {
      const id = await customers();
      await db.pool.query(`update jobs set status = 'processing' where id = $1`, [id]);
      await cancelJob(db.pool, id);
      return id;
    },
  },
  undone: {
    writes: ['job.completed', 'job.undone'],
    end: async () => {
      const id = await customers();
      await work(id);
      await undoJob(db.pool, id, { by: 'ci', dryRun: true });
      await undoJob(db.pool, id, { by: 'ci', dryRun: false });
      return id;
    },
  },
  'undone, loaded again, and deleted': {
    writes: ['job.completed', 'job.undone', 'job.completed'],
    end: async () => {
      const id = await customers();
      await work(id);
      await undoJob(db.pool, id, { by: 'ci', dryRun: false });
      await startAgain(db.pool, id);
      await work(id);
      expect(await deleteJob(db.pool, id)).toBe(true);
      return id;
    },
  },
  'purged by retention': {
    writes: ['job.completed'],
    end: async () => {
      const id = await customers();
      await work(id);
      const storage = { list: async () => [], remove: async () => {} };
      const swept = await sweep(db.pool, storage, { filesMs: 0, jobsMs: 0, undoMs: 0 });
      expect(swept.jobs).toBe(1);
      return id;
    },
  },
  'failed, retried and loaded': {
    writes: ['job.failed', 'job.completed'],
    end: async () => {
      const id = await customers({ atomic: true, maxErrors: 0 });
      await work(id);
      await retryJob(db.pool, id);
      await db.pool.query(`update jobs set mode = '{}' where id = $1`, [id]);
      await work(id);
      return id;
    },
  },
  'by an unforeseen statement': {
    writes: ['job.failed'],
    end: async () => {
      const id = await customers();
      await db.plain(`update jobs set status = 'failed' where id = '${id}'`);
      await db.plain(`update jobs set status = 'failed' where id = '${id}'`);
      return id;
    },
  },
};

/** The others write the same events in the same way as one of these, or as a test of the API. */
const IN_SHORT = [
  'loaded batch by batch',
  'rejected by its gate',
  'held and accepted',
  'held and discarded',
  'held for too long',
  'cancelled while loading',
  'undone',
  'failed, retried and loaded',
  'by an unforeseen statement',
];

describe.each(Object.entries(WAYS))('%s', (name, { writes, end }) => {
  test(`writes ${writes.join(', ')}`, inShortIf(IN_SHORT.includes(name)), async () => {
    const id = await end();
    const written = await outbox();
    expect(written.map(({ type }) => type)).toEqual(writes);
    expect(new Set(written.map((each) => each.job_id))).toEqual(new Set([id]));
    // Each ending has its own ID.
    expect(new Set(written.map((each) => each.event_id)).size).toBe(writes.length);
  });
});

test('the event has the job as the API showed it at that time', async () => {
  const id = await prices({ csvjobs: { mode: 'update' } });
  await work(id);
  const job = (await findJob(db.pool, id))!;
  await retryJob(db.pool, id);
  await deleteJob(db.pool, id);
  const [due] = await claimDue(db.pool, 'default', 10);
  expect(due!.job).toEqual(jobSummarySchema.parse(job));
  expect(due!.job).toMatchObject({
    table: 'shop.prices',
    counts: { inserted: 2 },
    mode: { onConflict: 'update' },
  });
});

test('a rolled back event is not written', async () => {
  const id = await customers();
  const client = await db.pool.connect();
  await client.query('begin');
  await client.query(`update jobs set status = 'cancelled' where id = $1`, [id]);
  expect((await client.query('select from webhook_deliveries')).rowCount).toBe(1);
  await client.query('rollback');
  client.release();
  expect(await outbox()).toEqual([]);
});

describe('recipients of an event', () => {
  const cancelled = async (make = () => customers()) => cancelJob(db.pool, await make());

  test('each endpoint once, under one ID', async () => {
    await hears({ name: 'erp' });
    await cancelled();
    const written = await outbox();
    expect(written.map(({ endpoint }) => endpoint)).toEqual(['default', 'erp']);
    expect(new Set(written.map((each) => each.event_id)).size).toBe(1);
  });

  test('none without an endpoint', async () => {
    await db.plain('delete from webhook_endpoints');
    await cancelled();
    expect(await outbox()).toEqual([]);
  });

  test('only endpoints for this event', async () => {
    await hears({ name: 'default', events: ['job.completed'] });
    await hears({ name: 'erp', events: ['job.cancelled', 'job.failed'] });
    await cancelled();
    expect((await outbox()).map(({ endpoint }) => endpoint)).toEqual(['erp']);
  });

  test('only endpoints for this table', async () => {
    await hears({ name: 'default', tables: { patterns: 'shop.*', regex: '^(shop\\.[a-z_]*)$' } });
    await hears({ name: 'erp', tables: { patterns: 'public.customers', regex: '^(public\\.customers)$' } });
    await cancelled();
    expect((await outbox()).map(({ endpoint }) => endpoint)).toEqual(['erp']);
    await cancelled(() => prices());
    expect((await outbox()).map(({ endpoint }) => endpoint)).toEqual(['erp', 'default']);
  });

  test('no disabled endpoint, until it is registered again', async () => {
    expect(await disableEndpoint(db.pool, 'default', 'gone')).toBe(true);
    expect(await disableEndpoint(db.pool, 'default', 'gone')).toBe(false);
    await cancelled();
    expect(await outbox()).toEqual([]);
    await hears({ name: 'default' });
    await cancelled();
    expect(await outbox()).toHaveLength(1);
  });
});

test('a role that may only update jobs ends them with their webhooks, and can use the function for nothing else', async () => {
  const role = `r${randomUUID().replaceAll('-', '')}`;
  const id = await customers();
  await db.plain(`create role ${role}; grant select, update on jobs to ${role};
    create schema ${role} authorization ${role}`);
  try {
    // A table of the same name earlier in the search_path does not mislead it.
    await db.plain(`set role ${role}; create table ${role}.webhook_endpoints (name text);
      set search_path to ${role}, public; update jobs set status = 'failed' where id = '${id}'`);
    expect(await outbox()).toHaveLength(1);
    const forged = db.plain(`set role ${role}; create table ${role}.jobs (status text);
      create trigger forged after update on ${role}.jobs for each row execute function public.csvjobs_write_webhooks()`);
    await expect(forged).rejects.toMatchObject({ code: '42501' });
  } finally {
    await db.plain(`drop owned by ${role}; drop role ${role}`);
  }
});

test('works in a schema of any name, whatever the search_path of the session that ends the job', async () => {
  const schema = 'Csv jobs é';
  const other = await createDatabase({ empty: true });
  const { searchPath } = await migrate({ ...other.connection, schema });
  const pool = createPool({ ...other.connection, searchPath }, () => {});
  try {
    const regex = tableRegex(parseTablePatterns(`"${schema}".customers`));
    for (const tables of [
      undefined,
      { patterns: 'x', regex },
      { patterns: 'x', regex: '^public\\.customers$' },
    ])
      await registerEndpoint(pool, {
        ...{ name: `${tables?.regex}`, origin: 'x', events: WEBHOOK_EVENTS, tables },
      });
    const file = { filename: 'f.csv', sizeBytes: 1, sha256: '0'.repeat(64) };
    const id = randomUUID();
    await insertJob(pool, { id, ...file, overrides: {}, idempotencyKey: null });
    await other.plain(`update "${schema}".jobs set status = 'failed' where id = '${id}'`);
    const { rows } = await pool.query('select endpoint from webhook_deliveries order by endpoint');
    expect(rows.map(({ endpoint }) => endpoint)).toEqual([regex, 'undefined']);
  } finally {
    await pool.end();
    await other.drop();
  }
});
