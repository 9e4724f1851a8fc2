/** What a sweep removes: jobs, files and undo data whose time is over, and nothing else. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobStatus } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Retention, sweep } from '../src/retention.js';
import { openFolderStore } from '../src/storage/folder/folderStore.js';
import type { Store } from '../src/storage/store.js';
import { createDatabase, type TestDatabase } from './support/postgres.js';

const HOUR = 3_600_000;
const STATUSES = ['pending', 'processing', 'held', 'completed', 'failed', 'cancelled', 'undone'] as const;
const ENDED: readonly JobStatus[] = ['completed', 'failed', 'cancelled', 'undone'];

let db: TestDatabase;
let folder: string;
let storage: Store;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.pool.query('truncate jobs cascade');
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-retention-'));
  storage = await openFolderStore(folder);
});
afterEach(() => rm(folder, { recursive: true }));

interface Made {
  id: string;
  status: JobStatus;
  /** Hours since its end; an unfinished job has none, except one that an older version put back to pending. */
  ended: number;
}

/** A job of three days ago, with its file and undo data. */
async function make(status: JobStatus, ended: number): Promise<Made> {
  const id = randomUUID();
  await db.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256, status, created_at, completed_at)
     values ($1, 'f.csv', 1, '', $2, now() - interval '3 days', now() - $3 * interval '1 hour')`,
    [id, status, ended],
  );
  await db.pool.query(
    `insert into job_transactions (job_id, xid, inserted, updated, database) values ($1, 1, 0, 0, 1)`,
    [id],
  );
  await writeFile(join(folder, id), 'x');
  return { id, status, ended };
}

/** Jobs of each status that ended two days ago, and an hour ago. */
const makeAll = () => Promise.all(STATUSES.flatMap((status) => [48, 1].map((ended) => make(status, ended))));

const NOTHING: Retention = { filesMs: undefined, jobsMs: undefined, undoMs: undefined };
const ids = (made: readonly { id: string }[]) => made.map(({ id }) => id).sort();
const jobs = async () => ids((await db.pool.query('select id from jobs where deleted_at is null')).rows);
const files = async () => ids(await storage.list());
const undoable = async () => ids((await db.pool.query('select job_id as id from job_transactions')).rows);
const old = ({ status, ended }: Made) => ENDED.includes(status) && ended === 48;
const others = (made: readonly Made[]) => ids(made.filter((each) => !old(each)));

test('without limits it removes nothing', async () => {
  const made = await makeAll();
  expect(await sweep(db.pool, storage, NOTHING)).toEqual({ files: 0, jobs: 0, undo: 0 });
  for (const left of [jobs, files, undoable]) expect(await left()).toEqual(ids(made));
});

test.each<[keyof Retention, { jobs: number; files: number; undo: number }]>([
  ['jobsMs', { jobs: 4, files: 0, undo: 0 }],
  ['filesMs', { jobs: 0, files: 4, undo: 0 }],
  ['undoMs', { jobs: 0, files: 0, undo: 4 }],
])('%s removes what belongs to jobs that ended longer ago', async (limit, swept) => {
  const made = await makeAll();
  expect(await sweep(db.pool, storage, { ...NOTHING, [limit]: 24 * HOUR })).toEqual(swept);
  expect(await jobs()).toEqual(swept.jobs > 0 ? others(made) : ids(made));
  // A deleted job has no file.
  expect(await files()).toEqual(swept.undo > 0 ? ids(made) : others(made));
  // Nor undo data.
  expect(await undoable()).toEqual(swept.files > 0 ? ids(made) : others(made));
  const again = await sweep(db.pool, storage, { ...NOTHING, [limit]: 24 * HOUR });
  expect(again).toEqual({ jobs: 0, files: 0, undo: 0 });
});

test('each limit is for its own, if there are several', async () => {
  const made = await Promise.all([1, 3, 5, 7].map((ended) => make('completed', ended)));
  const limits = { filesMs: 2 * HOUR, undoMs: 4 * HOUR, jobsMs: 6 * HOUR };
  expect(await sweep(db.pool, storage, limits)).toEqual({ jobs: 1, files: 2, undo: 2 });
  expect(await files()).toEqual(ids(made.slice(0, 1)));
  expect(await undoable()).toEqual(ids(made.slice(0, 2)));
  expect(await jobs()).toEqual(ids(made.slice(0, 3)));
});

test('more than it looks up at a time', async () => {
  const [first, young] = [await make('completed', 48), await make('completed', 1)];
  const { rows } = await db.pool.query<{ id: string }>(
    `insert into jobs (id, filename, size_bytes, sha256, status, completed_at)
     select gen_random_uuid(), 'f.csv', 1, '', 'completed', completed_at
     from jobs, generate_series(1, 500) where id = $1 returning id`,
    [first.id],
  );
  await Promise.all(rows.map(({ id }) => writeFile(join(folder, id), 'x')));
  expect(await sweep(db.pool, storage, { ...NOTHING, filesMs: 24 * HOUR })).toMatchObject({ files: 501 });
  expect(await files()).toEqual([young.id]);
  expect(await sweep(db.pool, storage, { ...NOTHING, jobsMs: 24 * HOUR })).toMatchObject({ jobs: 501 });
  expect(await jobs()).toEqual([young.id]);
});
