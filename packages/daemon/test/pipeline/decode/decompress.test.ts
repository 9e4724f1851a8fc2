import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompress, HAS_ZSTD } from '../../../src/pipeline/decode/decompress.js';
import { anyPlaces, CHUNK_SIZES, collect, commented, cut, cutAt, failureOf } from './chunks.js';

const text = Buffer.from('name,email,company\nAnna,a@b.de,Acme\n'.repeat(40));
const one = zlib.gzipSync(text);
const two = zlib.gzipSync('B,b@b.de,C\n');
const ungzip = (chunks: Iterable<Uint8Array>, maxDecodedBytes = 1e9) =>
  collect(decompress(chunks, { compression: 'gzip', maxDecodedBytes }));

describe('gzip', () => {
  it.each([
    ['one member', [one], [text]],
    ['several members', [one, two, one], [text, Buffer.from('B,b@b.de,C\n'), text]],
    [
      'an empty member between two others',
      [one, zlib.gzipSync(''), two],
      [text, Buffer.from('B,b@b.de,C\n')],
    ],
    ['zero bytes as padding', [one, Buffer.alloc(70)], [text]],
    ['no content', [zlib.gzipSync('')], []],
  ])('%s', async (_, file, inside) => {
    for (const size of CHUNK_SIZES)
      expect(await ungzip(cut(Buffer.concat(file), size)), `in chunks of ${size}`).toEqual(
        Buffer.concat(inside),
      );
  });

  it.each([
    ['a long comment in the header', [commented(200_000, 'text'), one], 'text'],
    ['very many empty members', [...Array(200_000).fill(zlib.gzipSync('')), one], ''],
  ])('%s: in chunks of files', async (_, file, before) => {
    for (const size of [4_096, 65_536, 262_144])
      expect(await ungzip(cut(Buffer.concat(file), size))).toEqual(
        Buffer.concat([Buffer.from(before), text]),
      );
  });

  const broken = Buffer.from(one);
  broken[one.length - 8]! ^= 1;
  it.each([
    ['is cut off in its header', [one.subarray(0, 5)], /it ends in the middle/],
    ['is cut off in its text', [one.subarray(0, 40)], /it ends in the middle/],
    ['is cut off in its checksum', [one.subarray(0, -3)], /it ends in the middle/],
    ['is cut off in its second member', [one, two.subarray(0, 12)], /it ends in the middle/],
    ['is cut off in the magic of its second member', [one, two.subarray(0, 1)], /it ends in the middle/],
    ['has a wrong checksum', [broken], /incorrect data check/],
    ['has trailing data', [one, Buffer.from('garbage')], /incorrect header check/],
    ['has trailing data after zeros', [one, Buffer.alloc(3), Buffer.from('garbage')], /not gzip/],
    ['has a member after zeros', [one, Buffer.alloc(3), two], /not gzip/],
  ])('a file that %s is damaged', async (_, file, message) => {
    for (const size of CHUNK_SIZES) {
      const failure = await failureOf(() => ungzip(cut(Buffer.concat(file), size)));
      expect(failure.code, `in chunks of ${size}`).toBe('gzip_damaged');
      expect(failure.message).toMatch(message);
      expect(failure.message).toMatch(/create it again \(gzip -t tests it\), then upload it again$/);
    }
  });

  it('gives the same bytes however members and chunks are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }),
        fc.nat({ max: 20 }),
        anyPlaces,
        async (members, padding, places) => {
          const file = Buffer.concat([
            ...members.map((member) => zlib.gzipSync(member)),
            Buffer.alloc(padding),
          ]);
          expect(await ungzip(cutAt(file, places))).toEqual(Buffer.concat(members));
        },
      ),
    );
  });

  it('reports the truncation of a file at any byte', async () => {
    const file = Buffer.concat([one, two]);
    for (let length = 0; length < file.length; length++) {
      const cutOff = async () => ungzip([file.subarray(0, length)]);
      // Only an empty file and the end of a member look like an end.
      if (length === one.length) expect(await cutOff()).toEqual(text);
      else expect((await failureOf(cutOff)).code).toBe('gzip_damaged');
    }
  });
});

describe('the limit', () => {
  it('lets exactly its number of bytes through', async () => {
    expect(await ungzip(cut(one, 7), text.length)).toEqual(text);
    const failure = await failureOf(() => ungzip(cut(one, 7), text.length - 1));
    expect(failure.code).toBe('decompressed_too_large');
    expect(failure.message).toMatch(/more than 1439 bytes once it is decompressed \(gzip\)/);
  });

  it('does not apply to uncompressed files', async () => {
    expect(await collect(decompress([text], { compression: 'none', maxDecodedBytes: 1 }))).toEqual(text);
  });

  it('stops a bomb, in memory that does not grow with the bomb', async () => {
    const mebibyte = 1024 * 1024;
    const member = zlib.gzipSync(Buffer.alloc(64 * mebibyte));
    let pulled = 0;
    function* bomb() {
      for (let members = 0; members < 100; members++, pulled++) yield member;
    }
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    let total = 0;
    const failure = await failureOf(async () => {
      for await (const chunk of decompress(bomb(), {
        compression: 'gzip',
        maxDecodedBytes: 200 * mebibyte,
      })) {
        total += chunk.length;
        // Each chunk of the source becomes 64 MiB: none may be read before the last one is consumed.
        expect(pulled).toBeLessThanOrEqual(total / (64 * mebibyte));
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      }
    });
    expect(failure.code).toBe('decompressed_too_large');
    expect(total).toBeLessThanOrEqual(200 * mebibyte);
    expect(most).toBeLessThan(100 * mebibyte);
  });
});

describe('a reader that stops', () => {
  it.each(['none', 'gzip'] as const)('closes the source (%s)', async (compression) => {
    let closed = false;
    async function* source() {
      try {
        for (;;) yield compression === 'none' ? text : one;
      } finally {
        closed = true;
      }
    }
    for await (const chunk of decompress(source(), { compression, maxDecodedBytes: 1e9 })) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(closed).toBe(true);
  });

  it('passes on an error of the source, and closes on damage', async () => {
    const lost = new Error('the disk is gone');
    let closed = false;
    function* source(): Generator<Uint8Array> {
      try {
        yield one.subarray(0, 20);
        throw lost;
      } finally {
        closed = true;
      }
    }
    await expect(ungzip(source())).rejects.toBe(lost);
    expect(closed).toBe(true);

    closed = false;
    function* damaged(): Generator<Uint8Array> {
      try {
        for (;;) yield Buffer.from('\x1f\x8b\x08garbage', 'latin1');
      } finally {
        closed = true;
      }
    }
    expect((await failureOf(() => ungzip(damaged()))).code).toBe('gzip_damaged');
    expect(closed).toBe(true);
  });
});

describe(`zstd on Node.js ${process.versions.node}`, () => {
  const unzstd = (chunks: Iterable<Uint8Array>) =>
    collect(decompress(chunks, { compression: 'zstd', maxDecodedBytes: 1e9 }));
  // The start of a frame is enough to refuse it.
  const frame = Buffer.from('28b52ffd040b5900006e616d652c656d61696c0a', 'hex');

  it(HAS_ZSTD ? 'is read, frame after frame' : 'is refused with what to do', async () => {
    if (!HAS_ZSTD) {
      const failure = await failureOf(() => unzstd([frame]));
      expect(failure.code).toBe('zstd_unsupported');
      expect(failure.message).toMatch(
        /compress it with gzip, or run the daemon on Node\.js 22\.15 or later$/,
      );
      return;
    }
    const { zstdCompressSync } = zlib as unknown as { zstdCompressSync: (bytes: Uint8Array) => Buffer };
    const skippable = Buffer.from('502a4d18020000000909', 'hex');
    const first = zstdCompressSync(text);
    const second = zstdCompressSync(Buffer.from('B,b@b.de,C\n'));
    const file = Buffer.concat([
      skippable,
      first,
      second,
      skippable,
      zstdCompressSync(Buffer.alloc(0)),
      first,
    ]);
    const inside = Buffer.concat([text, Buffer.from('B,b@b.de,C\n'), text]);
    for (const size of CHUNK_SIZES) {
      expect(await unzstd(cut(file, size)), `in chunks of ${size}`).toEqual(inside);
      for (const damaged of [
        file.subarray(0, -3),
        Buffer.concat([first, Buffer.from('x')]),
        first.subarray(0, 9),
      ]) {
        const failure = await failureOf(() => unzstd(cut(damaged, size)));
        expect(failure.code, `in chunks of ${size}`).toBe('zstd_damaged');
      }
      expect(
        (await failureOf(() => unzstd(cut(Buffer.concat([first, Buffer.from('garbage')]), size)))).code,
      ).toBe('zstd_damaged');
    }
  });
});
