import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileChunks } from '../../src/pipeline/fileChunks.js';

const BYTES = Buffer.from(Uint8Array.from({ length: 3_500_000 }, (_, at) => (at * 7 + (at >> 9)) & 0xff));
let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-chunks-'));
  path = join(folder, 'file');
  await writeFile(path, BYTES);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const openFiles = () => readdirSync('/proc/self/fd').length;

test.each([0, 1, 1_048_576, 3_499_999, 3_500_000, 4_000_000])('a file from byte %d on', async (start) => {
  const taken: Buffer[] = [];
  for await (const chunk of fileChunks(path, start)) {
    taken.push(Buffer.from(chunk));
    // Data read ahead must not be in the compared memory.
    await new Promise(setImmediate);
    expect(taken.at(-1)!.equals(chunk)).toBe(true);
  }
  expect(Buffer.concat(taken).equals(BYTES.subarray(start))).toBe(true);
});

test.skipIf(process.platform !== 'linux')('stopped in the middle: the file is closed', async () => {
  const before = openFiles();
  for await (const _chunk of fileChunks(path)) break;
  expect(openFiles()).toBe(before);
});

test('a missing file: the error of the file system', async () => {
  await expect(fileChunks(join(folder, 'none')).next()).rejects.toMatchObject({ code: 'ENOENT' });
});
