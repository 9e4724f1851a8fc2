import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { isSmallFile } from '../../src/intake/smallFile.js';

const text = (bytes: number) => Buffer.from('name,email\n'.padEnd(bytes, 'x'));
const isSmall = (bytes: Buffer, limit: number) =>
  isSmallFile({ id: 'i', sizeBytes: bytes.length }, limit, {
    head: async (_id, count) => bytes.subarray(0, count),
    open: () => [bytes],
  });

test.for([
  ['as large as the limit', text(1_000), 1_000, true],
  ['one byte larger', text(1_001), 1_000, false],
  ['compressed, as large as the limit inside', gzipSync(text(100_000)), 100_000, true],
  ['compressed, one byte larger inside', gzipSync(text(100_001)), 100_000, false],
  ['compressed a thousandfold', gzipSync(text(50_000_000)), 1_048_576, false],
  ['compressed and damaged', gzipSync(text(1_000)).subarray(0, 15), 100_000, false],
  ['if no file is small', text(1), 0, false],
] as const)('%s', async ([, bytes, limit, small]) => {
  expect(await isSmall(bytes, limit)).toBe(small);
});

test('an unreadable file is not small: its job reports the reason', async () => {
  const gone = async () => {
    throw new Error('ENOENT');
  };
  expect(await isSmallFile({ id: 'i', sizeBytes: 1 }, 10, { head: gone, open: () => [] })).toBe(false);
});
