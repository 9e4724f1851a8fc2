/**
 * The owner of an upload folder: it is claimed only if that is safe, and nothing is removed from another
 * database's folder.
 */
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLog } from '../src/log.js';
import { deleteJob } from '../src/sql/deletedJobs.js';
import { databaseIdentity, noteStore } from '../src/sql/identity.js';
import { insertJob } from '../src/sql/jobs.js';
import { migrate, migrationsFolder } from '../src/sql/migrate.js';
import { insertUpload } from '../src/sql/resumable/uploads.js';
import { openFolderStore } from '../src/storage/folder/folderStore.js';
import { claimFolder, OWNER_FILE } from '../src/storage/folder/owner.js';
import type { Store } from '../src/storage/store.js';
import { adoptUploads, guardUploadFolder } from '../src/uploadFolder.js';
import { createDatabase, type TestDatabase } from './support/postgres.js';
import { putFile } from './support/putFile.js';

let db: TestDatabase;
let other: TestDatabase;
let folder: string;
let storage: Store;
let lines: string[];

beforeAll(async () => {
  [db, other] = await Promise.all([createDatabase(), createDatabase()]);
  // Both are copies of one database, as after restoring a dump, and share its name.
  expect(await databaseIdentity(other.pool)).toBe(await databaseIdentity(db.pool));
  await other.pool.query('update database_identity set id = gen_random_uuid()');
});
afterAll(() => Promise.all([db.drop(), other.drop()]));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-folder-'));
  storage = await openFolderStore(folder);
  lines = [];
  for (const { pool } of [db, other])
    await pool.query(
      'delete from jobs; delete from resumable_uploads; update database_identity set store_id = null',
    );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const guard = ({ pool }: TestDatabase, at = storage) =>
  guardUploadFolder(pool, at, createLog('info', { write: (line: string) => void lines.push(line) }));

const ownerFile = async () => (await readFile(join(folder, OWNER_FILE), 'utf8')).split('\n')[0];

/** A file as version 1 left it, with or without its job. */
async function put(pool?: TestDatabase['pool']): Promise<string> {
  const id = crypto.randomUUID();
  await writeFile(join(folder, id), 'x');
  const job = { filename: 'f.csv', sizeBytes: 1, sha256: '', overrides: {}, idempotencyKey: null };
  if (pool) await insertJob(pool, { id, ...job });
  return id;
}

test('an empty folder is claimed for the database; the same database is accepted again, another is refused', async () => {
  expect(await (await guard(db)).mayRemove()).toBe(true);
  expect(await ownerFile()).toBe(await databaseIdentity(db.pool));
  expect(await (await guard(db, await openFolderStore(folder))).mayRemove()).toBe(true);
  await expect(guard(other, await openFolderStore(folder))).rejects.toMatchObject({
    code: 'upload_dir_foreign',
    message: expect.stringMatching(new RegExp(`${folder}.*\n.*DATABASE_URL.*UPLOAD_DIR.*adopt-uploads`)),
  });
  expect(await ownerFile()).toBe(await databaseIdentity(db.pool));
});

test('a folder of version 1 is claimed if each file belongs to a job, even a deleted one', async () => {
  await put(db.pool);
  const deleted = await put(db.pool);
  await db.pool.query(`update jobs set status = 'failed', completed_at = now() where id = $1`, [deleted]);
  expect(await deleteJob(db.pool, deleted)).toBe(true);
  expect(await (await guard(db)).mayRemove()).toBe(true);
});

test('a folder with unknown files stays unclaimed, with a warning, until it is adopted', async () => {
  const [known, strange] = [await put(db.pool), await put()];
  const guarded = await guard(db);
  expect(await guarded.mayRemove()).toBe(false);
  expect(await guarded.mayRemove()).toBe(false);
  expect(await readdir(folder)).not.toContain(OWNER_FILE);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'warn', files: 2, unknown: 1, example: strange });
  expect(lines[0]).toContain('csvjobsd adopt-uploads');

  expect(await adoptUploads(db.pool, await openFolderStore(folder))).toEqual({
    files: 2,
    unknown: 1,
    missing: 0,
  });
  expect(await guarded.mayRemove()).toBe(true);
  expect((await readdir(folder)).sort()).toEqual(
    [OWNER_FILE, '.csvjobs-store', known, strange, 'incoming'].sort(),
  );
});

test('an unclaimed folder is claimed as soon as the unknown file is gone', async () => {
  const strange = await put();
  const guarded = await guard(db);
  expect(await guarded.mayRemove()).toBe(false);
  await rm(join(folder, strange));
  expect(await guarded.mayRemove()).toBe(true);
  expect(await ownerFile()).toBe(await databaseIdentity(db.pool));
});

test('of many that claim a folder at once one wins, and all know which', async () => {
  for (let round = 0; round < 10; round++) {
    await rm(join(folder, OWNER_FILE), { force: true });
    const ids = Array.from({ length: 20 }, () => crypto.randomUUID());
    const owners = await Promise.all(ids.map((id) => claimFolder(folder, id)));
    expect(new Set(owners).size).toBe(1);
    expect(ids).toContain(owners[0]);
    expect((await readdir(folder)).sort()).toEqual([OWNER_FILE, 'incoming']);
  }
});

test('after a folder changes its owner under a daemon, nothing more is removed or stored', async () => {
  const guarded = await guard(db);
  await adoptUploads(other.pool, await openFolderStore(folder));
  await expect(guarded.mayRemove()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await expect(putFile(storage, crypto.randomUUID(), bytes(), { maxBytes: 10 })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('another database'),
  });
  expect(await readdir(join(folder, 'incoming'))).toEqual([]);
});

async function* bytes() {
  yield Buffer.from('x');
}

test('a folder that is missing, or empty like an unmounted mount point, accepts nothing until it is back', async () => {
  const guarded = await guard(db);
  const waiting = crypto.randomUUID();
  await putFile(storage, waiting, bytes(), { maxBytes: 10 });
  const missing = Object.assign(new Error('gone'), { code: 'file_missing', retryable: false }) as never;
  expect(await storage.explain(missing)).toBe(missing);
  const away = `${folder}-away`;
  await rename(folder, away);
  for (const place of ['gone', 'empty']) {
    if (place === 'empty') await openFolderStore(folder);
    await expect(storage.writable()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(putFile(storage, crypto.randomUUID(), bytes(), { maxBytes: 10 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/gone.*mount it again/),
    });
    await expect(guarded.mayRemove()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await storage.explain(missing)).toMatchObject({ code: 'unavailable', retryable: true });
  }
  expect(await readdir(folder)).toEqual(['incoming']);
  await rm(folder, { recursive: true });
  await rename(away, folder);
  await storage.writable();
  expect(await guarded.mayRemove()).toBe(true);
  expect((await storage.list()).map(({ id }) => id)).toEqual([waiting]);
});

test('the same with a folder beneath it that was claimed for the same database', async () => {
  const guarded = await guard(db);
  await storage.identity();
  await rename(folder, `${folder}-away`);
  await guard(db, await openFolderStore(folder));
  await expect(storage.writable()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await expect(guarded.mayRemove()).rejects.toMatchObject({ code: 'unavailable' });
  await rm(folder, { recursive: true });
  await rename(`${folder}-away`, folder);
  expect(await guarded.mayRemove()).toBe(true);
});

/** Another folder, which is removed with the first. */
const anotherFolder = () => openFolderStore(join(folder, 'another'));

/** What `joinQueue` records when a daemon has started. */
const recordStore = async (store: Store) => noteStore(db.pool, await store.identity());

/** Claims the folder and records it, as the start of a daemon does. */
async function startedOn(store: Store): Promise<void> {
  await guard(db, store);
  await recordStore(store);
}

const waitingJob = () => put(db.pool);

async function waitingUpload(): Promise<string> {
  const upload = { id: crypto.randomUUID(), owner: 'x', length: 9, metadata: {}, idempotencyKey: null };
  await storage.pieces.begin(upload.id);
  await insertUpload(db.pool, upload, 60_000);
  return upload.id;
}

const heldJob = async () => {
  const id = await waitingJob();
  await db.pool.query(`update jobs set status = 'held' where id = $1`, [id]);
  return id;
};

test.each([
  ['a waiting job', waitingJob],
  ['a held job', heldJob],
  ['an unfinished upload', waitingUpload],
])(
  'another folder without the file of %s is refused and left unclaimed, marked or not, until it is adopted',
  async (_, made) => {
    const marked = await openFolderStore(join(folder, 'marked'));
    await startedOn(marked);
    await startedOn(storage);
    const id = await made();
    const another = await anotherFolder();
    for (const store of [another, marked])
      await expect(guard(db, store)).rejects.toMatchObject({
        code: 'uploads_missing',
        retryable: false,
        message: expect.stringMatching(
          new RegExp(
            `${store.name} is not the .* lacks 1 file of .*${id}.*\nMount the right folder.*UPLOAD_DIR.*adopt-uploads`,
          ),
        ),
      });
    expect(await readdir(another.name)).toEqual(['incoming']);
    // The right one is still the right one, even with a file less.
    await guard(db, await openFolderStore(folder));
    await storage.remove(id);
    await guard(db, await openFolderStore(folder));

    expect(await adoptUploads(db.pool, another)).toEqual({ files: 0, unknown: 0, missing: 1 });
    await guard(db, await anotherFolder());
  },
);

test('a database that never recorded its store also refuses an unmarked folder without the files', async () => {
  await waitingJob();
  await expect(guard(db, await anotherFolder())).rejects.toMatchObject({ code: 'uploads_missing' });
});

test('another folder is claimed if nothing in the old one is needed, or if it has what is needed', async () => {
  await startedOn(storage);
  const ended = await waitingJob();
  await db.pool.query(`update jobs set status = 'completed', completed_at = now() where id = $1`, [ended]);
  const named = await waitingJob();
  await db.pool.query('update jobs set origin = $2 where id = $1', [named, { address: 's3://b/k' }]);
  const another = await anotherFolder();
  await guard(db, another);
  expect(await recordStore(another)).toBe(true);
  expect(await recordStore(another)).toBe(false);

  const moved = await waitingJob();
  await cp(join(folder, moved), join(folder, 'third', moved));
  const third = await openFolderStore(join(folder, 'third'));
  expect(await (await guard(db, third)).mayRemove()).toBe(true);
});

test('an empty folder in place of an unclaimed one is not claimed while the daemon runs', async () => {
  const strange = await put();
  await waitingJob();
  const guarded = await guard(db);
  await rename(folder, `${folder}-away`);
  storage = await openFolderStore(folder);
  await expect(guarded.mayRemove()).rejects.toMatchObject({ code: 'uploads_missing' });
  expect(await readdir(folder)).toEqual(['incoming']);
  await rm(folder, { recursive: true });
  await rename(`${folder}-away`, folder);
  expect(await guarded.mayRemove()).toBe(false);
  expect(await readdir(folder)).toContain(strange);
});

test('an owner file with other content is named with advice', async () => {
  await writeFile(join(folder, OWNER_FILE), '');
  await expect(guard(db)).rejects.toMatchObject({
    code: 'upload_dir_damaged',
    message: expect.stringMatching(/\.csvjobs-database.*adopt-uploads/),
  });
});

test('the database’s name survives migrating down and up', async () => {
  const database = await createDatabase();
  const names = (await readdir(migrationsFolder())).filter((name) => name.endsWith('.cjs')).sort();
  const steps = names.length - names.findIndex((name) => name.includes('identity'));
  try {
    await database.pool.query('update database_identity set id = gen_random_uuid()');
    const name = await databaseIdentity(database.pool);
    for (let round = 0; round < 2; round++) {
      const { ran } = await migrate(database.connection, { direction: 'down', count: steps });
      expect(ran.at(-1)).toContain('identity');
      await migrate(database.connection);
      expect(await databaseIdentity(database.pool)).toBe(name);
    }
  } finally {
    await database.drop();
  }
});
