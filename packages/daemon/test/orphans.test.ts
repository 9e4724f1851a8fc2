/**
 * Only files that have been old, and seen without a job, for long enough are removed; whatever the system
 * clock does.
 */
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createOrphanSweeper } from '../src/orphans.js';
import { insertJob } from '../src/sql/jobs.js';
import { insertUpload } from '../src/sql/resumable/uploads.js';
import { openFolderStore } from '../src/storage/folder/folderStore.js';
import type { Store } from '../src/storage/store.js';
import { createDatabase, type TestDatabase } from './support/postgres.js';

let db: TestDatabase;
let folder: string;
let storage: Store;

beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-orphans-'));
  storage = await openFolderStore(folder);
});
afterEach(() => rm(folder, { recursive: true }));

async function putJob(id: string): Promise<void> {
  const job = { filename: 'f.csv', sizeBytes: 1, sha256: '', overrides: {}, idempotencyKey: null };
  await insertJob(db.pool, { id, ...job });
}

/** A file with a modification time this many milliseconds from now, by the system clock. */
async function writeAt(name: string, ms: number): Promise<void> {
  const then = new Date(Date.now() + ms);
  await writeFile(join(folder, name), 'x');
  await utimes(join(folder, name), then, then);
}

/** A file written ten seconds ago; or just now, before the clock was set that far ahead. */
const writeOld = (name: string) => writeAt(name, -10_000);

const part = (id: string) => join('incoming', `${id}.part`);

test('only old files without a job are removed, and not when first seen', async () => {
  const [kept, orphan, young] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  await putJob(kept);
  for (const name of [kept, orphan, part(orphan), 'not-ours.txt']) await writeOld(name);
  for (const name of [young, part(young)]) await writeAt(name, 60_000);
  const patient = createOrphanSweeper(db.pool, storage, 3_600_000);
  expect(await patient.sweep()).toEqual({ parts: 0, orphans: [] });
  expect(await patient.sweep()).toEqual({ parts: 0, orphans: [] });
  const sweeper = createOrphanSweeper(db.pool, storage, 300);
  await vi.waitFor(async () => expect(await sweeper.sweep()).toEqual({ parts: 1, orphans: [orphan] }));
  const left = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  expect(left.sort()).toEqual([kept, young, 'incoming', 'not-ours.txt'].sort());
  expect(await readdir(join(folder, 'incoming'))).toEqual([`${young}.part`]);
});

test('a file that has got its job meanwhile is kept, and so is a part that was written to', async () => {
  const [stored, uploading] = [crypto.randomUUID(), crypto.randomUUID()];
  await writeOld(stored);
  await writeOld(part(uploading));
  const sweeper = createOrphanSweeper(db.pool, storage, 50);
  expect(await sweeper.sweep()).toEqual({ parts: 0, orphans: [] });
  const seen = performance.now();
  await putJob(stored);
  await writeAt(part(uploading), -5_000);
  await vi.waitFor(() => expect(performance.now() - seen).toBeGreaterThan(60));
  expect(await sweeper.sweep()).toEqual({ parts: 0, orphans: [] });
  expect(await readdir(join(folder, 'incoming'))).toHaveLength(1);
});

test('a daemon’s sightings count for the next one, even after a reboot', async () => {
  const [known, orphan, touched] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  await putJob(known);
  for (const name of [known, orphan, touched, part(orphan)]) await writeOld(name);
  const watchedMs = 2_000;
  const daemon = () => createOrphanSweeper(db.pool, storage, watchedMs);
  const seen = performance.now();
  expect(await daemon().sweep()).toEqual({ parts: 0, orphans: [] });
  await writeAt(touched, -9_000);
  await vi.waitFor(() => expect(performance.now() - seen).toBeGreaterThan(watchedMs));
  // Each has swept only once.
  expect(await daemon().sweep()).toEqual({ parts: 1, orphans: [orphan] });

  // After a reboot the time watched before counts, but not the time in between.
  const notes = join(folder, '.csvjobs-files.json');
  const noted = JSON.parse(await readFile(notes, 'utf8'));
  const before = { ...noted[touched], run: 'earlier', first: 1_000, last: 1_001 };
  await writeFile(notes, JSON.stringify({ [touched]: before }));
  expect(await daemon().sweep()).toEqual({ parts: 0, orphans: [] });
  await writeFile(notes, JSON.stringify({ [touched]: { ...before, last: 1_000 + watchedMs } }));
  expect(await daemon().sweep()).toEqual({ parts: 0, orphans: [touched] });
});

test('a state file that is damaged, or from the future, removes nothing', async () => {
  const orphan = crypto.randomUUID();
  await writeOld(orphan);
  const notes = join(folder, '.csvjobs-files.json');
  const sweep = () => createOrphanSweeper(db.pool, storage, 5_000).sweep();
  for (const text of ['', '{"', '[]', `{"${orphan}":1}`]) {
    await writeFile(notes, text);
    expect(await sweep()).toEqual({ parts: 0, orphans: [] });
  }
  const noted = JSON.parse(await readFile(notes, 'utf8'));
  noted[orphan].last += 3_600_000;
  await writeFile(notes, JSON.stringify(noted));
  await sweep();
  const again = JSON.parse(await readFile(notes, 'utf8'))[orphan];
  expect(again.last).toBe(again.first);
});

test('a resumable upload stays for its retention time, however old its bytes are', async () => {
  const [resting, whole, orphan] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  for (const id of [resting, whole])
    await insertUpload(
      db.pool,
      { id, owner: 'ci', length: 1, metadata: {}, idempotencyKey: null },
      86_400_000,
    );
  for (const name of [part(resting), whole, part(orphan)]) await writeOld(name);
  const sweeper = createOrphanSweeper(db.pool, storage, 50);
  await vi.waitFor(async () => expect(await sweeper.sweep()).toEqual({ parts: 1, orphans: [] }));
  expect(await readdir(join(folder, 'incoming'))).toEqual([`${resting}.part`]);
  expect(await readdir(folder)).toContain(whole);
});
