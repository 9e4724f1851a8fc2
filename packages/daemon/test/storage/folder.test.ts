import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { sourceChunks } from '../../src/pipeline/sourceChunks.js';
import { openFolderStore } from '../../src/storage/folder/folderStore.js';
import type { Store } from '../../src/storage/store.js';
import { putFile } from '../support/putFile.js';
import { NO_MOUNTS, smallDisk } from '../support/smallDisk.js';

let folder: string;
let storage: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-storage-'));
  storage = await openFolderStore(folder);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const everything = async () => [
  ...(await readdir(folder)).filter((name) => name !== 'incoming'),
  ...(await readdir(join(folder, 'incoming'))),
];
const chunks = (...texts: string[]) => Readable.from(texts.map((text) => Buffer.from(text)));

test('a file is stored under its ID with its size and hash, and read from any offset', async () => {
  const id = randomUUID();
  const put = await putFile(storage, id, chunks('name,em', 'ail\n', 'Ada,ada@x.org\n'), { maxBytes: 1_000 });
  const whole = 'name,email\nAda,ada@x.org\n';
  expect(put).toEqual({ sizeBytes: whole.length, sha256: createHash('sha256').update(whole).digest('hex') });
  expect((await buffer(storage.open(id))).toString()).toBe(whole);
  expect((await buffer(storage.open(id, 11))).toString()).toBe('Ada,ada@x.org\n');
  expect(Buffer.from(await storage.head(id, 4)).toString()).toBe('name');
  expect(Buffer.from(await storage.head(id, 4_000)).toString()).toBe(whole);
  expect((await storage.list()).map((file) => file.id)).toEqual([id]);
  expect(await storage.source(id)).toMatchObject({ kind: 'file', path: join(folder, id) });
  await writeFile(storage.emailsPath(id), 'kept beside it');
  expect((await storage.list()).map((file) => file.id)).toEqual([id]);
  await storage.remove(id);
  await storage.remove(id);
  expect(await everything()).toEqual([]);
});

test('a received file takes no space until it is committed, and none when it is discarded', async () => {
  const id = randomUUID();
  const first = await storage.receive(id, chunks('abc', 'def'), { maxBytes: 6, headBytes: 4 });
  expect(Buffer.from(first.head).toString()).toBe('abcd');
  expect(await storage.list()).toEqual([]);
  await first.discard();
  expect(await everything()).toEqual([]);
  const second = await storage.receive(id, chunks('abc'), { maxBytes: 6 });
  await second.commit();
  expect(await everything()).toEqual([id]);
});

test('a file over the limit is refused and leaves nothing, however it is cut', async () => {
  const put = putFile(storage, randomUUID(), chunks('12345', '67890', '1'), { maxBytes: 10 });
  await expect(put).rejects.toMatchObject({ name: 'Failure', code: 'file_too_large' });
  expect(await everything()).toEqual([]);
  await expect(
    putFile(storage, randomUUID(), chunks('12345', '67890'), { maxBytes: 10 }),
  ).resolves.toBeDefined();
});

test('a full disk is reported as such and leaves nothing', async () => {
  const id = randomUUID();
  // The kernel's own ENOSPC: any write to /dev/full fails with it.
  await symlink('/dev/full', join(folder, 'incoming', `${id}.part`));
  const put = putFile(storage, id, chunks('x'), { maxBytes: 10 });
  await expect(put).rejects.toMatchObject({ code: 'disk_full', message: expect.stringContaining('ENOSPC') });
  expect(await everything()).toEqual([]);
});

test('a stream that breaks, and an abort, leave nothing', async () => {
  const broken = Readable.from(
    (function* () {
      yield Buffer.from('abc');
      throw new Error('gone');
    })(),
  );
  await expect(putFile(storage, randomUUID(), broken, { maxBytes: 10 })).rejects.toThrow('gone');
  const stop = new AbortController();
  const aborted = Readable.from(
    (function* () {
      yield Buffer.from('abc');
      stop.abort(new Error('enough'));
      yield Buffer.from('def');
    })(),
  );
  const put = putFile(storage, randomUUID(), aborted, { maxBytes: 10, signal: stop.signal });
  await expect(put).rejects.toThrow('enough');
  expect(await everything()).toEqual([]);
});

test('a failed rename leaves nothing', async () => {
  const id = randomUUID();
  const received = await storage.receive(id, chunks('abc'), { maxBytes: 10 });
  await rm(join(folder, 'incoming', `${id}.part`));
  await expect(received.commit()).rejects.toThrow('ENOENT');
  expect(await everything()).toEqual([]);
});

test.each(['../etc/passwd', '..', 'a', '', 'incoming', `${randomUUID()}/..`, `${randomUUID()}\0`])(
  'an ID that is not a UUID never becomes a path: %j',
  async (id) => {
    await expect(storage.source(id)).rejects.toThrow('is not the id');
    await expect(storage.pieces.begin(id)).rejects.toThrow('is not the id');
    expect(() => storage.open(id)).toThrow('is not the id');
    await expect(storage.remove(id)).rejects.toThrow('is not the id');
    await expect(storage.head(id, 1)).rejects.toThrow('is not the id');
    await expect(putFile(storage, id, chunks('x'), { maxBytes: 10 })).rejects.toThrow('is not the id');
    expect(await everything()).toEqual([]);
  },
);

test('files and parts are listed separately, and only those of csvjobs', async () => {
  const incoming = join(folder, 'incoming');
  const [part, whole] = [randomUUID(), randomUUID()];
  await writeFile(join(incoming, `${part}.part`), 'under way');
  await writeFile(join(folder, whole), 'stored');
  // Whole seconds: file systems differ in the fractions that they store.
  const hourAgo = Math.floor(Date.now() / 1_000) - 3_600;
  await utimes(join(incoming, `${part}.part`), hourAgo, hourAgo);
  await writeFile(join(folder, 'notes.txt'), 'not ours');
  await writeFile(join(incoming, 'notes.part'), 'not ours');
  expect(await storage.parts()).toEqual([{ id: part, mtimeMs: hourAgo * 1_000 }]);
  expect((await storage.list()).map(({ id }) => id)).toEqual([whole]);
  await storage.removePart(part);
  await storage.removePart(part);
  expect(await readdir(incoming)).toEqual(['notes.part']);
});

test('a folder with free space is healthy, a missing one is not', async () => {
  expect(await storage.health()).toMatch(/^\d+\.\d GB free for uploads$/);
  await rm(folder, { recursive: true });
  await expect(storage.health()).rejects.toMatchObject({ code: 'unavailable' });
});

test('a disk that fills up: an upload leaves nothing, a resumable one keeps what fitted', async (context) => {
  const disk = smallDisk(1024 * 1024);
  if (!disk) return context.skip(NO_MOUNTS);
  onTestFinished(() => disk.remove());
  const full = await openFolderStore(join(disk.folder, 'uploads'));
  const [id, other] = [randomUUID(), randomUUID()];
  const much = () => Readable.from([Buffer.alloc(700_000), Buffer.alloc(700_000)]);
  await expect(putFile(full, id, much(), { maxBytes: 1e9 })).rejects.toMatchObject({ code: 'disk_full' });
  expect([...(await full.list()), ...(await full.parts())]).toEqual([]);
  await full.pieces.begin(other);
  const appended = full.pieces.append(other, 0, much(), { maxBytes: 1e9 });
  await expect(appended).rejects.toMatchObject({ code: 'disk_full', retryable: true });
  const length = (await full.pieces.length(other))!;
  expect(length).toBeGreaterThanOrEqual(700_000);
  expect((await full.pieces.whole(other, {})).sizeBytes).toBe(length);
  await full.pieces.discard(other);
  await putFile(full, id, Readable.from([Buffer.alloc(700_000)]), { maxBytes: 1e9 });
});

test('a file written to while it is read is an error', async () => {
  const id = randomUUID();
  await putFile(storage, id, Readable.from([Buffer.alloc(5_000_000, 'a')]), { maxBytes: 1e9 });
  const reading = sourceChunks(await storage.source(id));
  await reading.next();
  await writeFile(join(folder, id), Buffer.alloc(5_000_000, 'b'));
  const rest = async () => {
    for await (const chunk of reading) expect(chunk.every((byte) => byte === 97)).toBe(true);
  };
  await expect(rest()).rejects.toMatchObject({ code: 'file_changed' });
});

test('working files without a stored file are removed after a while without writes', async () => {
  const [kept, gone, fresh] = [randomUUID(), randomUUID(), randomUUID()];
  for (const each of [kept, gone, fresh]) await writeFile(storage.emailsPath(each), 'x');
  await writeFile(`${storage.emailsPath(gone)}.sorted`, 'x');
  await writeFile(join(folder, 'notes.emails'), 'not ours');
  for (const each of [kept, gone]) await utimes(storage.emailsPath(each), 0, 0);
  await utimes(`${storage.emailsPath(gone)}.sorted`, 0, 0);
  await storage.sweepWorkingFiles(new Set([kept]), 60_000);
  expect((await everything()).sort()).toEqual([`${kept}.emails`, `${fresh}.emails`, 'notes.emails'].sort());
});
