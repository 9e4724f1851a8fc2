/** What is removed is what has been old, and seen without a job, for long enough; whatever the clock of the wall does. */
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createOrphanage } from '../src/orphans.js';
import { insertJob } from '../src/sql/jobs.js';
import { createStorage, type Storage } from '../src/storage/storage.js';
import { createDatabase, type TestDatabase } from './support/postgres.js';

let db: TestDatabase;
let folder: string;
let storage: Storage;

beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-orphans-'));
  storage = await createStorage(folder);
});
afterEach(() => rm(folder, { recursive: true }));

async function putJob(id: string): Promise<void> {
  const job = { filename: 'f.csv', sizeBytes: 1, sha256: '', overrides: {}, idempotencyKey: null };
  await insertJob(db.pool, { id, ...job });
}

/** A file that was written so many milliseconds from now, by the clock of the wall. */
async function writeAt(name: string, ms: number): Promise<void> {
  const then = new Date(Date.now() + ms);
  await writeFile(join(folder, name), 'x');
  await utimes(join(folder, name), then, then);
}

/** A file that was written ten seconds ago; or just now, before the clock was set that much ahead. */
const writeOld = (name: string) => writeAt(name, -10_000);

const part = (id: string) => join('incoming', `${id}.part`);

test('only what is old and has no job is removed, and not at the first sight', async () => {
  const [kept, orphan, young] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  await putJob(kept);
  for (const name of [kept, orphan, part(orphan), 'not-ours.txt']) await writeOld(name);
  for (const name of [young, part(young)]) await writeAt(name, 60_000);
  const orphanage = createOrphanage(db.pool, storage, 300);
  expect(await orphanage.look()).toEqual({ parts: 0, orphans: [] });
  expect(await orphanage.look()).toEqual({ parts: 0, orphans: [] });
  await vi.waitFor(async () => expect(await orphanage.look()).toEqual({ parts: 1, orphans: [orphan] }));
  expect((await readdir(folder)).sort()).toEqual([kept, young, 'incoming', 'not-ours.txt'].sort());
  expect(await readdir(join(folder, 'incoming'))).toEqual([`${young}.part`]);
});

test('a file that has got its job meanwhile is kept, and a part that was written to', async () => {
  const [stored, uploading] = [crypto.randomUUID(), crypto.randomUUID()];
  await writeOld(stored);
  await writeOld(part(uploading));
  const orphanage = createOrphanage(db.pool, storage, 50);
  expect(await orphanage.look()).toEqual({ parts: 0, orphans: [] });
  const seen = performance.now();
  await putJob(stored);
  await writeAt(part(uploading), -5_000);
  await vi.waitFor(() => expect(performance.now() - seen).toBeGreaterThan(60));
  expect(await orphanage.look()).toEqual({ parts: 0, orphans: [] });
  expect(await readdir(join(folder, 'incoming'))).toHaveLength(1);
});
