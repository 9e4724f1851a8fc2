/**
 * The beginning of a file: complete lines of text, in any encoding and compression, and never half a
 * character.
 */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { beginningOf } from '../../../src/pipeline/preview/beginning.js';

const LINES = Array.from({ length: 400 }, (_, at) => `${at},Ärger ${at},x\n`).join('');
const text = Buffer.from(`a,b,c\n${LINES}`);
const MOST = 1_000_000;

const beginning = async (bytes: Uint8Array, cut: boolean, most = MOST) => {
  const { text, ...rest } = await beginningOf(bytes, cut, most);
  return { text: Buffer.from(text).toString(), ...rest };
};

it('of a whole file is all of it', async () => {
  expect(await beginning(text, false)).toEqual({ text: text.toString(), compression: 'none', cut: false });
  const withoutEnd = text.subarray(0, -1);
  expect((await beginning(withoutEnd, false)).text).toBe(withoutEnd.toString());
});

it('ends with a line, wherever the file was cut', async () => {
  for (let length = 3_000; length < 3_040; length++) {
    const { text: found, cut } = await beginning(text.subarray(0, length), true);
    expect(cut).toBe(true);
    expect(found.endsWith('\n')).toBe(true);
    expect(text.toString().startsWith(found)).toBe(true);
    expect(text.length - Buffer.byteLength(found)).toBeGreaterThan(text.length - length - 1);
  }
  const mac = Buffer.from(text.toString().replaceAll('\n', '\r'));
  expect((await beginning(mac.subarray(0, 3_001), true)).text.endsWith('\r')).toBe(true);
});

it('of a compressed file is decompressed as far as possible, but not beyond the limit', async () => {
  const noise = randomBytes(30_000).toString('hex');
  const zipped = gzipSync(Buffer.from(`${text}${noise}\n${LINES}`));
  const some = await beginning(zipped.subarray(0, 20_000), true);
  expect(some).toMatchObject({ compression: 'gzip', cut: true });
  expect(some.text.startsWith(text.toString())).toBe(true);
  const short = await beginning(zipped, false, 2_000);
  expect(short).toMatchObject({ compression: 'gzip', cut: true });
  expect(short.text.length).toBeLessThanOrEqual(2_000);
  expect(short.text.endsWith('\n')).toBe(true);
  const damaged = Buffer.from(gzipSync(text).subarray(0, -6));
  await expect(beginning(damaged, false)).rejects.toMatchObject({ code: 'gzip_damaged' });
});

it('of UTF-16 has whole characters', async () => {
  const wide = Buffer.from(`\ufeff${text}`, 'utf16le');
  for (const length of [3_001, 3_002, 3_003, 3_004]) {
    const { text: found } = await beginningOf(wide.subarray(0, length), true, MOST);
    expect(found.length % 4).toBe(0);
    expect(found.length).toBeGreaterThan(length - 4);
  }
});
