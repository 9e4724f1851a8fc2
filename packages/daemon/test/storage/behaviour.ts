/**
 * The behaviour of every store, whatever it keeps files in: one suite, run for each
 * (docs/decisions/0046-stores.md).
 */
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { sourceChunks } from '../../src/pipeline/sourceChunks.js';
import type { ByteSource } from '../../src/storage/source.js';
import type { Store } from '../../src/storage/store.js';
import { inShortIf } from '../support/form.js';
import { putFile } from '../support/putFile.js';
import type { Place } from './places.js';
import type { WriterTask } from './writer.mjs';

const MiB = 1024 * 1024;
/** Small enough that the parts of a multipart upload have the minimum size. */
const MOST = { maxBytes: 10e9 };

/** Bytes that reveal their position: no two blocks of 4 KiB are alike. */
export function bytesOf(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed;
  for (let at = 0; at + 4 <= length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes.writeInt32LE(state, at);
  }
  bytes.fill(seed, length - (length % 4));
  return bytes;
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A stream of chunks of uneven sizes. */
export function streamOf(bytes: Uint8Array, each = 100_003): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += each) yield bytes.subarray(at, at + each);
    })(),
  );
}

/** A stream that ends with an error after these bytes. */
function breaking(bytes: Uint8Array): Readable {
  return Readable.from(
    (async function* () {
      yield* streamOf(bytes);
      throw new Error('the client is gone');
    })(),
  );
}

async function readAll(source: ByteSource, start = 0): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of sourceChunks(source, start)) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

export function behavesAsAStore(name: string, openPlace: () => Promise<Place>): void {
  describe(name, () => {
    let place: Place;
    let store: Store;
    let id: string;

    beforeEach(async () => {
      place = await openPlace();
      store = await place.open();
      id = randomUUID();
    });
    afterEach(() => place.remove());

    const nothingLeft = () => vi.waitFor(async () => expect(await place.everything()).toEqual([]));

    describe('a file', () => {
      for (const length of [0, 1, 11, 3 * MiB + 1, 17 * MiB + 3])
        test(
          `of ${length} bytes is stored completely, and read from any offset`,
          inShortIf([0, 17 * MiB + 3].includes(length)),
          async () => {
            const bytes = bytesOf(length);
            const received = await store.receive(id, streamOf(bytes), { ...MOST, headBytes: 9 });
            expect({
              ...received,
              head: Buffer.from(received.head),
              tail: Buffer.from(received.tail),
            }).toMatchObject({
              sizeBytes: length,
              sha256: sha256(bytes),
              head: bytes.subarray(0, 9),
              tail: bytes.subarray(-4),
            });
            expect(await store.list()).toEqual([]);
            await received.commit();
            expect((await store.list()).map((file) => file.id)).toEqual([id]);
            const { sizeBytes, mtimeMs } = await store.stat(id);
            expect(sizeBytes).toBe(length);
            expect(Math.abs(mtimeMs - Date.now())).toBeLessThan(3_600_000);
            const source = structuredClone(await store.source(id));
            for (const offset of [0, 1, Math.floor(length / 2), length - 1, length, length + 1]) {
              if (offset < 0) continue;
              expect((await readAll(source, offset)).equals(bytes.subarray(offset))).toBe(true);
              if (offset <= length)
                expect((await buffer(store.open(id, offset))).equals(bytes.subarray(offset))).toBe(true);
            }
            for (const most of [1, 4_000])
              expect(Buffer.from(await store.head(id, most)).equals(bytes.subarray(0, most))).toBe(true);
            await store.remove(id);
            await store.remove(id);
            expect(await place.everything()).toEqual([]);
          },
        );

      test('that does not exist: each way to read it reports that', async () => {
        await expect(store.source(id)).rejects.toMatchObject({ code: 'file_missing', retryable: false });
        await expect(store.stat(id)).rejects.toMatchObject({ code: 'ENOENT' });
        await expect(store.head(id, 1)).rejects.toMatchObject({ code: 'ENOENT' });
        await expect(buffer(store.open(id))).rejects.toMatchObject({ code: 'ENOENT' });
        await expect(store.share(id, randomUUID())).rejects.toMatchObject({ code: 'ENOENT' });
        await putFile(store, id, streamOf(bytesOf(10)), MOST);
        const source = await store.source(id);
        await store.remove(id);
        await expect(readAll(source)).rejects.toMatchObject({
          code: expect.stringMatching(/^(ENOENT|file_missing)$/),
        });
      });

      test('that was discarded, or never committed, takes no space', async () => {
        const received = await store.receive(id, streamOf(bytesOf(100)), MOST);
        await received.discard();
        await received.discard();
        await nothingLeft();
        await expect(store.source(id)).rejects.toMatchObject({ code: 'file_missing' });
      });

      test('is committed once: another with its ID is refused, and changes nothing', async () => {
        const bytes = bytesOf(9 * MiB);
        const received = await store.receive(id, streamOf(bytes), MOST);
        await received.commit();
        for (const each of [bytesOf(9 * MiB, 2), bytesOf(3, 2)]) {
          const again = await (await place.open()).receive(id, streamOf(each), MOST);
          await expect(again.commit()).rejects.toMatchObject({ code: 'file_exists' });
        }
        expect((await readAll(await store.source(id))).equals(bytes)).toBe(true);
        await vi.waitFor(async () => expect(await place.everything()).toEqual([id]));
      });

      test('is shared: removed for one job, it stays for the other', async () => {
        const bytes = bytesOf(MiB + 1);
        const other = randomUUID();
        await putFile(store, id, streamOf(bytes), MOST);
        await store.share(id, other);
        await store.remove(id);
        expect((await readAll(await store.source(other))).equals(bytes)).toBe(true);
        expect((await store.list()).map((file) => file.id)).toEqual([other]);
      });

      test('is read by several at once, from different offsets', async () => {
        const bytes = bytesOf(10 * MiB + 7);
        await putFile(store, id, streamOf(bytes), MOST);
        const source = await store.source(id);
        const offsets = Array.from({ length: 8 }, (_, at) => at * MiB + at);
        const read = await Promise.all(offsets.map((offset) => readAll(source, offset)));
        for (const [at, each] of read.entries()) expect(each.equals(bytes.subarray(offsets[at]!))).toBe(true);
      });

      test('whose reader stops in the middle can be read again', async () => {
        const bytes = bytesOf(5 * MiB);
        await putFile(store, id, streamOf(bytes), MOST);
        const source = await store.source(id);
        for await (const _ of sourceChunks(source)) break;
        store
          .open(id)
          .on('error', () => {})
          .destroy();
        expect((await readAll(source)).equals(bytes)).toBe(true);
      });

      test('that is replaced is an error for its reader, not other bytes', async () => {
        const bytes = bytesOf(40 * MiB);
        await putFile(store, id, streamOf(bytes), MOST);
        const source = await store.source(id);
        const reading = sourceChunks(source);
        const first = await reading.next();
        let at = (first.value as Uint8Array).length;
        // Same size, so that nothing else reveals it.
        await place.replace(id, bytesOf(40 * MiB, 2));
        const changed = { code: 'file_changed', retryable: false };
        await expect(readAll(source)).rejects.toMatchObject(changed);
        // An open reader gets its bytes, or the error.
        const rest = async () => {
          for await (const chunk of reading) {
            expect(Buffer.from(chunk).equals(bytes.subarray(at, at + chunk.length))).toBe(true);
            at += chunk.length;
          }
        };
        const ended = await rest().then(
          () => 'read',
          (error) => error.code,
        );
        expect(['read', 'file_changed']).toContain(ended);
        if (ended === 'read') expect(at).toBe(bytes.length);
      });
    });

    test('a file of 5 GiB and a byte is stored, shared and read at its end', {
      tags: ['long'],
    }, async (context) => {
      if (!place.large) return context.skip('NOT TESTED: this store is in memory');
      const part = bytesOf(64 * MiB);
      const length = 5 * 1024 * MiB + 1;
      const hash = createHash('sha256');
      async function* parts() {
        for (let at = 0; at < length; at += part.length) {
          const each = part.subarray(0, length - at);
          hash.update(each);
          yield each;
        }
      }
      const { sizeBytes, sha256, commit } = await store.receive(id, parts(), MOST);
      expect({ sizeBytes, sha256 }).toEqual({ sizeBytes: length, sha256: hash.digest('hex') });
      await commit();
      const other = randomUUID();
      await store.share(id, other);
      await store.remove(id);
      const { sizeBytes: shared } = await store.stat(other);
      expect(shared).toBe(length);
      const end = Buffer.concat([part.subarray(-9), part.subarray(0, 1)]);
      expect((await readAll(await store.source(other), length - 10)).equals(end)).toBe(true);
    });

    describe('an upload that ends early leaves nothing', () => {
      test('when too large, however it is cut', async () => {
        const received = store.receive(id, streamOf(bytesOf(11), 5), { maxBytes: 10 });
        await expect(received).rejects.toMatchObject({ name: 'Failure', code: 'file_too_large' });
        const large = store.receive(id, streamOf(bytesOf(20 * MiB)), { maxBytes: 20 * MiB - 1 });
        await expect(large).rejects.toMatchObject({ code: 'file_too_large' });
        await nothingLeft();
        await putFile(store, id, streamOf(bytesOf(10), 5), { maxBytes: 10 });
      });

      for (const length of [3, 20 * MiB])
        test(`when its stream breaks after ${length} bytes`, inShortIf(length > 3), async () => {
          await expect(store.receive(id, breaking(bytesOf(length)), MOST)).rejects.toThrow(
            'the client is gone',
          );
          await nothingLeft();
        });

      for (const length of [3, 20 * MiB])
        test(`when it is aborted after ${length} bytes`, inShortIf(length === 3), async () => {
          const stop = new AbortController();
          const stream = Readable.from(
            (async function* () {
              yield* streamOf(bytesOf(length));
              stop.abort(new Error('enough'));
              yield Buffer.from('more');
            })(),
          );
          await expect(store.receive(id, stream, { ...MOST, signal: stop.signal })).rejects.toThrow('enough');
          await nothingLeft();
        });

      test('when its process is killed: its remains are listed as a part, and can be removed', async () => {
        await killedAt('written', { ...place.writer, id, how: 'receive', bytes: 50 * MiB });
        expect(await store.list()).toEqual([]);
        expect((await store.parts()).map((part) => part.id)).toEqual([id]);
        await store.removePart(id);
        await store.removePart(id);
        await nothingLeft();
      });
    });

    describe('an upload in pieces', () => {
      const pieces = () => store.pieces;

      test('grows, and becomes a file like any other', async () => {
        const bytes = bytesOf(23 * MiB + 5);
        await pieces().begin(id);
        expect(await pieces().length(id)).toBe(0);
        let length = 0;
        // Small ones, some smaller than a part, one of many parts, and an empty one.
        for (const end of [1, 2, 70_000, 6 * MiB, 6 * MiB, 22 * MiB + 1, bytes.length]) {
          // Each from another process.
          const { pieces: other } = await place.open();
          expect(await other.append(id, length, streamOf(bytes.subarray(length, end)), MOST)).toBe(end);
          length = end;
          expect(await pieces().length(id)).toBe(length);
        }
        expect(await store.list()).toEqual([]);
        expect((await store.parts()).map((part) => part.id)).toEqual([id]);
        const received = await (await place.open()).pieces.whole(id, { headBytes: 70_001 });
        expect({ sizeBytes: received.sizeBytes, sha256: received.sha256 }).toEqual({
          sizeBytes: bytes.length,
          sha256: sha256(bytes),
        });
        expect(Buffer.from(received.head).equals(bytes.subarray(0, 70_001))).toBe(true);
        expect(Buffer.from(received.tail).equals(bytes.subarray(-4))).toBe(true);
        await received.commit();
        expect((await readAll(await store.source(id))).equals(bytes)).toBe(true);
        expect(await pieces().length(id)).toBeUndefined();
        await vi.waitFor(async () => expect(await place.everything()).toEqual([id]));
      });

      test('may be empty, and may be discarded when complete', async () => {
        const other = randomUUID();
        for (const each of [id, other]) await pieces().begin(each);
        await (await pieces().whole(id, {})).commit();
        expect((await store.stat(id)).sizeBytes).toBe(0);
        await pieces().append(other, 0, streamOf(bytesOf(10)), MOST);
        await (await pieces().whole(other, {})).discard();
        expect(await pieces().length(other)).toBeUndefined();
        await vi.waitFor(async () => expect(await place.everything()).toEqual([id]));
      });

      test.each([100, 12 * MiB + 1])('keeps %d bytes received before its stream broke', async (length) => {
        const bytes = bytesOf(length);
        await pieces().begin(id);
        await expect(pieces().append(id, 0, breaking(bytes), MOST)).rejects.toThrow('the client is gone');
        expect(await (await place.open()).pieces.length(id)).toBe(length);
        const stop = new AbortController();
        const stream = (async function* () {
          yield Buffer.from('tail');
          stop.abort(new Error('enough'));
          yield Buffer.from('lost');
        })();
        const appended = pieces().append(id, length, stream, { ...MOST, signal: stop.signal });
        await expect(appended).rejects.toThrow('enough');
        expect(await pieces().length(id)).toBe(length + 4);
        const whole = await pieces().whole(id, {});
        expect(whole.sha256).toBe(sha256(Buffer.concat([bytes, Buffer.from('tail')])));
        await whole.discard();
        await nothingLeft();
      });

      test('accepts a piece only at its end, and no more than allowed', async () => {
        await pieces().begin(id);
        await pieces().append(id, 0, streamOf(bytesOf(10)), { maxBytes: 20 });
        for (const offset of [0, 9, 11]) {
          const appended = pieces().append(id, offset, streamOf(bytesOf(1)), MOST);
          await expect(appended).rejects.toMatchObject({ code: 'offset_mismatch' });
        }
        const large = pieces().append(id, 10, streamOf(bytesOf(11)), { maxBytes: 20 });
        await expect(large).rejects.toMatchObject({ code: 'file_too_large' });
        expect(await pieces().length(id)).toBe(20);
        await expect(pieces().begin(id)).rejects.toMatchObject({ code: 'EEXIST' });
        await pieces().discard(id);
        await pieces().discard(id);
        await nothingLeft();
      });

      test('that does not exist has no length, and accepts no piece', async () => {
        expect(await pieces().length(id)).toBeUndefined();
        const missing = { code: 'pieces_missing' };
        await expect(pieces().append(id, 0, streamOf(bytesOf(1)), MOST)).rejects.toMatchObject(missing);
        await expect(pieces().whole(id, {})).rejects.toMatchObject(missing);
        await nothingLeft();
      });

      test('whose process is killed has at least the acknowledged bytes, and can be continued or removed', async () => {
        const bytes = bytesOf(6 * MiB);
        await pieces().begin(id);
        await pieces().append(id, 0, streamOf(bytes), MOST);
        await killedAt('written', {
          ...place.writer,
          id,
          how: 'append',
          from: bytes.length,
          bytes: 20 * MiB,
        });
        const length = (await pieces().length(id))!;
        expect(length).toBeGreaterThanOrEqual(bytes.length);
        await pieces().append(id, length, streamOf(Buffer.from('end')), MOST);
        const { sizeBytes, head, commit } = await pieces().whole(id, { headBytes: bytes.length });
        expect(sizeBytes).toBe(length + 3);
        expect(Buffer.from(head).equals(bytes)).toBe(true);
        await commit();
        await store.remove(id);
        await nothingLeft();
        await pieces().begin(id);
        await pieces().append(id, 0, streamOf(bytes), MOST);
        expect((await store.parts()).map((part) => part.id)).toEqual([id]);
        await store.removePart(id);
        await nothingLeft();
      });
    });

    describe('the store', () => {
      test('has an ID: several that ask first all get the same, another store has another', async () => {
        const opened = await Promise.all(Array.from({ length: 5 }, () => place.open()));
        const ids = await Promise.all(opened.map((each) => each.identity()));
        expect(new Set(ids).size).toBe(1);
        expect(await store.identity()).toBe(ids[0]);
        const other = await openPlace();
        try {
          expect(await (await other.open()).identity()).not.toBe(ids[0]);
        } finally {
          await other.remove();
        }
        await nothingLeft();
      });

      test('belongs to one database: of several that claim it one gets it', async () => {
        const databases = Array.from({ length: 5 }, () => randomUUID());
        expect(await store.owner()).toBeUndefined();
        const owners = await Promise.all(
          databases.map(async (database) => (await place.open()).claim(database)),
        );
        expect(new Set(owners).size).toBe(1);
        expect(databases).toContain(owners[0]);
        expect(await store.owner()).toBe(owners[0]);
        expect(await store.claim(randomUUID())).toBe(owners[0]);
        await store.present();
        const other = await place.open();
        await other.give(databases[4]!);
        expect(await store.owner()).toBe(databases[4]);
        if (owners[0] !== databases[4]) {
          const taken = { code: 'unavailable', retryable: true };
          await expect(store.present()).rejects.toMatchObject(taken);
          await expect(store.receive(id, streamOf(bytesOf(1)), MOST)).rejects.toMatchObject(taken);
        }
        await other.writable();
        expect(await other.list()).toEqual([]);
      });

      test('keeps notes for the next daemon', async () => {
        expect(await store.readNote('clock')).toBeUndefined();
        await store.writeNote('clock', { at: 1 });
        await store.writeNote('clock', { at: 2 });
        expect(await (await place.open()).readNote('clock')).toEqual({ at: 2 });
        expect([...(await store.list()), ...(await store.parts())]).toEqual([]);
      });

      test('lists many files, each once', async () => {
        const ids = Array.from({ length: 30 }, () => randomUUID());
        await Promise.all(ids.map((each) => putFile(store, each, streamOf(bytesOf(5)), MOST)));
        expect((await store.list()).map((file) => file.id).sort()).toEqual(ids.sort());
        for (const { mtimeMs } of await store.list())
          expect(Math.abs(mtimeMs - Date.now())).toBeLessThan(3_600_000);
      });

      test('is healthy', async () => {
        await store.present();
        await store.writable();
        expect(await store.health()).toMatch(/\S/);
      });

      test.each([
        '../etc/passwd',
        '..',
        'a',
        '',
        'incoming',
        `${randomUUID()}/..`,
        `${randomUUID()}\0`,
        randomUUID().toUpperCase(),
      ])('accepts only job IDs as names: %j', async (name) => {
        const wrong = 'is not the id';
        expect(() => store.open(name)).toThrow(wrong);
        expect(() => store.emailsPath(name)).toThrow(wrong);
        for (const call of [
          () => store.source(name),
          () => store.remove(name),
          () => store.removePart(name),
          () => store.head(name, 1),
          () => store.stat(name),
          () => store.share(id, name),
          () => store.receive(name, streamOf(bytesOf(1)), MOST),
          () => store.pieces.begin(name),
          () => store.pieces.append(name, 0, streamOf(bytesOf(1)), MOST),
          () => store.pieces.discard(name),
        ])
          await expect((async () => call())()).rejects.toThrow(wrong);
        expect(await place.everything()).toEqual([]);
      });
    });
  });
}

/** Starts a process that writes into the store, and kills it (SIGKILL) when it prints the line. */
async function killedAt(line: string, task: WriterTask): Promise<void> {
  const program = fileURLToPath(new URL('./writer.mjs', import.meta.url));
  const writer = spawn(process.execPath, [program, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void writer.kill('SIGKILL'));
  let said = '';
  for await (const text of writer.stdout) {
    said += text;
    if (said.includes(`${line}\n`)) break;
  }
  expect(said).toContain(line);
  writer.kill('SIGKILL');
  if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
}
