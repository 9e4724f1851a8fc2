import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecodeOptions, decode, resumeAt } from '../../src/pipeline/decode.js';
import { anyPlaces, CHUNK_SIZES, collect, cut, cutAt, failureOf } from './decode/chunks.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const text = 'name,email\r\n"Zoë, 山 😀",z@b.de\n';
const options = (more: Partial<DecodeOptions>): DecodeOptions => ({
  compression: 'none',
  encoding: 'utf-8',
  maxDecodedBytes: 1e9,
  ...more,
});

const CASES: [string, Buffer, Partial<DecodeOptions>, Buffer][] = [
  ['UTF-8', Buffer.from(text), {}, Buffer.from(text)],
  ['UTF-8 with a BOM', Buffer.from(`\ufeff${text}`), {}, Buffer.from(text)],
  ['two BOMs: the second is text', Buffer.from(`\ufeff\ufeff${text}`), {}, Buffer.from(`\ufeff${text}`)],
  ['a BOM later on', Buffer.from(`a\ufeff${text}`), {}, Buffer.from(`a\ufeff${text}`)],
  ['half a BOM', latin1('\xef\xbb'), {}, latin1('\xef\xbb')],
  ['bytes that only start like a BOM', latin1('\xef\xbb\xbe,x'), {}, latin1('\xef\xbb\xbe,x')],
  ['invalid UTF-8, untouched', latin1('a\xff\xe9\xc3,\0b\n'), {}, latin1('a\xff\xe9\xc3,\0b\n')],
  ['nothing', Buffer.alloc(0), {}, Buffer.alloc(0)],
  ['only a BOM', Buffer.from('\ufeff'), {}, Buffer.alloc(0)],
  [
    'windows-1252',
    latin1('Jo\xeb \x80\x81\n'),
    { encoding: 'windows-1252' },
    latin1('Jo\xc3\xab \xe2\x82\xac\xff\xf8\xf1\n'),
  ],
  [
    'windows-1252 after a UTF-8 BOM',
    latin1('\xef\xbb\xbf\xeb'),
    { encoding: 'windows-1252' },
    Buffer.from('ë'),
  ],
  ['UTF-16LE', Buffer.from(`\ufeff${text}`, 'utf16le'), { encoding: 'utf-16le' }, Buffer.from(text)],
  ['UTF-16BE', utf16be(`\ufeff${text}`), { encoding: 'utf-16be' }, Buffer.from(text)],
  ['UTF-16 without a BOM', Buffer.from(text, 'utf16le'), { encoding: 'utf-16le' }, Buffer.from(text)],
  ['gzip with a BOM', gzipSync(`\ufeff${text}`), { compression: 'gzip' }, Buffer.from(text)],
  [
    'gzip of UTF-16',
    gzipSync(utf16be(`\ufeff${text}`)),
    { compression: 'gzip', encoding: 'utf-16be' },
    Buffer.from(text),
  ],
];

describe('decode', () => {
  it.each(CASES)('%s', async (_, file, more, expected) => {
    for (const size of CHUNK_SIZES) {
      expect(await collect(decode(cut(file, size), options(more))), `in chunks of ${size}`).toEqual(expected);
      for await (const chunk of decode(cut(file, size), options(more)))
        expect(chunk.length).toBeGreaterThan(0);
    }
  });

  it.each(CASES)('%s: resumes at every offset with the remaining bytes', async (_, file, more, expected) => {
    const { compression, encoding } = options(more);
    const bom = file.subarray(0, 3).equals(Buffer.from('\ufeff')) ? 'utf-8' : undefined;
    for (let offset = 0; offset <= expected.length; offset++) {
      const { fileOffset, ...rest } = resumeAt({ compression, encoding, bom }, offset);
      for (const size of [1, 3, 1000]) {
        const resumed = decode(cut(file.subarray(fileOffset), size), options({ ...more, ...rest }));
        expect(await collect(resumed), `at ${offset}`).toEqual(expected.subarray(offset));
      }
    }
  });

  it('gives the same bytes wherever the file is cut', async () => {
    const encodings = fc.constantFrom(
      'utf-8',
      'utf-16le',
      'utf-16be',
      'windows-1252',
      'shift_jis',
      'gb18030',
      'iso-2022-jp',
      'utf-32be',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        encodings,
        fc.boolean(),
        anyPlaces,
        fc.nat(),
        async (bytes, encoding, zipped, places, skip) => {
          const file = zipped ? gzipSync(bytes) : bytes;
          const how = options({ encoding, compression: zipped ? 'gzip' : 'none' });
          const whole = await collect(decode([file], how));
          expect(await collect(decode(cutAt(file, places), how))).toEqual(whole);
          const skipBytes = skip % (whole.length + 1);
          expect(await collect(decode(cutAt(file, places), { ...how, skipBytes }))).toEqual(
            whole.subarray(skipBytes),
          );
        },
      ),
    );
  });

  it('opens plain UTF-8 at the offset, and decodes other files from the start', () => {
    const direct = { compression: 'none', encoding: 'utf-8' } as const;
    expect(resumeAt({ ...direct, bom: undefined }, 7)).toEqual({
      fileOffset: 7,
      skipBytes: 0,
      fromStart: false,
    });
    expect(resumeAt({ ...direct, bom: 'utf-8' }, 7)).toEqual({
      fileOffset: 10,
      skipBytes: 0,
      fromStart: false,
    });
    for (const other of [
      { ...direct, compression: 'gzip', bom: undefined },
      { ...direct, encoding: 'windows-1252', bom: undefined },
      { ...direct, encoding: 'utf-16le', bom: 'utf-16le' },
    ] as const)
      expect(resumeAt(other, 7)).toEqual({ fileOffset: 0, skipBytes: 7, fromStart: true });
  });

  it('fails if there is less text than it should skip', async () => {
    const failure = await failureOf(() =>
      collect(decode([gzipSync('abc')], options({ compression: 'gzip', skipBytes: 5 }))),
    );
    expect(failure.code).toBe('checkpoint_invalid');
    expect(failure.message).toMatch(/lies 2 bytes past the end of the text/);
  });

  it('closes the source when its reader stops', async () => {
    for (const compression of ['none', 'gzip'] as const) {
      let closed = false;
      async function* source() {
        try {
          for (;;) yield compression === 'none' ? Buffer.from(text) : gzipSync(text);
        } finally {
          closed = true;
        }
      }
      for await (const _ of decode(source(), options({ compression }))) break;
      expect(closed).toBe(true);
    }
  });

  it('reports damage and the limit as failures', async () => {
    const file = gzipSync(text);
    const cutOff = decode([file.subarray(0, -4)], options({ compression: 'gzip' }));
    expect((await failureOf(() => collect(cutOff))).code).toBe('gzip_damaged');
    const capped = decode([file], options({ compression: 'gzip', maxDecodedBytes: 10 }));
    expect((await failureOf(() => collect(capped))).code).toBe('decompressed_too_large');
  });
});
