/**
 * Row counts: dry-run rows do not count as loaded, and those of an atomic job only once they are in the
 * table.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadMode } from '@csvjobs/shared';
import { expect, onTestFinished, test } from 'vitest';
import { createMetrics } from '../src/metrics/metrics.js';
import { run } from '../src/pipeline/run.js';
import { claimJob } from '../src/sql/claimJob.js';
import { createPool } from '../src/sql/pool.js';
import { insertUpload } from '../src/sql/resumable/uploads.js';
import { openFolderStore } from '../src/storage/folder/folderStore.js';
import { never } from './pipeline/support/loading.js';
import { openTestLoad } from './pipeline/support/testLoad.js';

const { loading, db } = await openTestLoad();

const GOOD = Array.from({ length: 60 }, (_, at) => `N${at},n${at}@x.example,,C\n`).join('');
const FILE = Buffer.from(`name,email,phone,company\n${GOOD}bad,bad,,C\n`);

/** Counts by outcome, once the reject reasons are counted too. */
async function counted(mode: LoadMode, rejects: number) {
  await db.pool.query('truncate customers, jobs cascade');
  const metrics = createMetrics({ pool: db.pool, version: '1', role: 'all' });
  const id = await loading.makeJob(db.pool, FILE);
  await db.pool.query('update jobs set mode = $2 where id = $1', [id, JSON.stringify(mode)]);
  let ended: Promise<void> | undefined;
  const observed = new Promise<void>((resolve) => {
    const observer = {
      ...metrics,
      ended: (...args: Parameters<typeof metrics.ended>) => {
        metrics.ended(...args);
        resolve();
      },
    };
    ended = run_(id, observer);
  });
  const failure = await ended!.catch((error: Error) => error);
  if (!failure) await observed;
  const { text } = await metrics.exposition();
  const value = (line: RegExp) => Number(line.exec(text)?.[1] ?? 0);
  expect(value(/^csvjobs_rejects_total\{code="email_invalid"\} (\d+)/m)).toBe(rejects);
  const rows = (outcome: string) =>
    value(new RegExp(`^csvjobs_rows_total\\{outcome="${outcome}",table="customers"\\} (\\d+)`, 'm'));
  return {
    loaded: rows('loaded'),
    rejected: rows('rejected'),
    dryRun: rows('dry_run'),
    bytes: value(/^csvjobs_bytes_total (\d+)/m) > 0,
  };
}

async function run_(id: string, observer: ReturnType<typeof createMetrics>): Promise<void> {
  const claimed = await claimJob(db.pool, id);
  await run(claimed!, loading.dependencies(db, 1, { observer }), never);
}

test('a load, an atomic one, one that fails its gate, and a dry run', async () => {
  const all = { loaded: 60, rejected: 1, dryRun: 0, bytes: true };
  expect(await counted({}, 1)).toEqual(all);
  expect(await counted({ atomic: true }, 1)).toEqual(all);
  expect(await counted({ atomic: true, maxErrors: 0 }, 0)).toMatchObject({ loaded: 0, dryRun: 0 });
  expect(await counted({ dryRun: true }, 0)).toEqual({ loaded: 0, rejected: 0, dryRun: 61, bytes: false });
});

test('jobs by status are current, even at the first scrape; without PostgreSQL they are missing', async () => {
  await db.pool.query('truncate customers, jobs cascade');
  const pool = createPool(db.connection, () => {});
  const metrics = createMetrics({ pool, version: '1', role: 'api' });
  const seen = async () => {
    const { text } = await metrics.exposition();
    return [
      ...text.matchAll(/^csvjobs_(?:jobs\{status="(?:pending|failed)"\}|queue_depth|database_up) .*/gm),
    ].map(([line]) => line);
  };
  const samples = (pending: number, failed: number) => [
    `csvjobs_jobs{status="pending"} ${pending}`,
    `csvjobs_jobs{status="failed"} ${failed}`,
    `csvjobs_queue_depth ${pending}`,
    'csvjobs_database_up 1',
  ];
  await loading.makeJob(db.pool, FILE);
  expect(await seen()).toEqual(samples(1, 0));
  await db.pool.query(`update jobs set status = 'failed'`);
  expect(await seen()).toEqual(samples(0, 1));
  await pool.end();
  expect(await seen()).toEqual(['csvjobs_queue_depth Nan', 'csvjobs_database_up 0']);
});

test('the store as seen by this host, running uploads, and incomplete ones', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-metrics-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const store = await openFolderStore(folder);
  await store.claim(crypto.randomUUID());
  const metrics = createMetrics({ pool: db.pool, version: '1', role: 'api', store });
  let open = 0;
  metrics.countUploads(() => open);
  const seen = async () => {
    const { text } = await metrics.exposition();
    const samples = text.matchAll(/^csvjobs_((?:uploads?|store)_(?!seconds|bytes)\w+) (.*)$/gm);
    return Object.fromEntries([...samples].map(([, name, value]) => [name, Number(value)]));
  };
  const { store_free_bytes: free, ...first } = await seen();
  expect(free).toBeGreaterThan(0);
  expect(first).toEqual({ store_up: 1, uploads_open: 0, uploads_unfinished: 0, upload_piece_bytes_total: 0 });

  open = 2;
  metrics.piece(1_000);
  const upload = { id: crypto.randomUUID(), owner: 'o', length: 2_000, metadata: {}, idempotencyKey: null };
  await insertUpload(db.pool, upload, 60_000);
  // Like an unmounted disk.
  await rm(folder, { recursive: true });
  expect(await seen()).toEqual({
    store_up: 0,
    store_free_bytes: Number.NaN,
    uploads_open: 2,
    uploads_unfinished: 1,
    upload_piece_bytes_total: 1_000,
  });
});
