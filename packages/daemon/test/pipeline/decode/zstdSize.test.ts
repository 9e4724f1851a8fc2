import * as zlib from 'node:zlib';
import { expect, it } from 'vitest';
import { HAS_ZSTD } from '../../../src/pipeline/decode/decompress.js';
import { declaredSize } from '../../../src/pipeline/decode/zstdSize.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

const CASES: [string, Buffer, number | undefined][] = [
  ['in one byte', hex('28b52ffd 20 0b 590000 6e616d652c656d61696c0a'), 11],
  ['in four bytes, by zstd 1.5', hex('28b52ffd a4 70110100 55000010 0a0a0100 6b1139c0 028ab3da 4f'), 70_000],
  ['in two bytes, with an offset of 256', hex('28b52ffd 60 0000 090000 aa'), 256],
  ['in four bytes after a window and a dictionary', hex('28b52ffd 81 58 aa ffffffff 090000'), 0xffffffff],
  ['in eight bytes after a dictionary ID of four', hex('28b52ffd e3 01020304 0000000000010000'), 2 ** 40],
  ['nowhere', hex('28b52ffd 04 58 590000 6e616d652c656d61696c0a 01020304'), undefined],
  ['after skippable frames', hex('5f2a4d18 03000000 010203 502a4d18 00000000 28b52ffd 20 0b 590000'), 11],
  ['after a skippable frame longer than the sample', hex('5f2a4d18 ffffffff 010203'), undefined],
  ['in a file that is not zstd', Buffer.from('name,email,company\n'), undefined],
];

it.each(CASES)('a size stored %s', (_, head, size) => {
  expect(declaredSize(head)).toBe(size);
});

it('returns nothing for a header that is cut off before the size', () => {
  for (const [, head, size] of CASES) {
    for (let length = 0; length < head.length; length++)
      expect([size, undefined]).toContain(declaredSize(head.subarray(0, length)));
  }
});

it.skipIf(!HAS_ZSTD)(
  'is the size that Node.js writes, and a frame with another one is not read',
  { meta: { needs: 'zstd (Node 22.15)' } },
  () => {
    const { zstdCompressSync, zstdDecompressSync } = zlib as unknown as Record<string, (b: Buffer) => Buffer>;
    for (const size of [1, 255, 256, 70_000]) {
      const frame = zstdCompressSync!(Buffer.alloc(size, 'x'));
      expect(declaredSize(frame)).toBe(size);
    }
    const lying = zstdCompressSync!(Buffer.alloc(200, 'x'));
    expect(lying[5]).toBe(200);
    lying[5] = 100;
    expect(() => zstdDecompressSync!(lying)).toThrow();
  },
);
