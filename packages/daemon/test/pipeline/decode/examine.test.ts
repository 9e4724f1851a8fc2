import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { findDelimiter } from '../../../src/pipeline/decode/delimiter.js';
import { examine } from '../../../src/pipeline/decode/examine.js';
import { CHUNK_SIZES, commented, cut, failureOf } from './chunks.js';

const text = 'name;email;company\nZoë;z@b.de;Acme\n';
const withBom = Buffer.from(`\ufeff${text}`, 'utf16le');

describe('examine', () => {
  it.each([
    ['plain text', Buffer.from(text), { compression: 'none', bom: undefined, encoding: undefined }],
    [
      'UTF-8 with a BOM',
      Buffer.from(`\ufeff${text}`),
      { compression: 'none', bom: 'utf-8', encoding: 'utf-8' },
    ],
    ['UTF-16', withBom, { compression: 'none', bom: 'utf-16le', encoding: 'utf-16le' }],
    ['gzip', gzipSync(text), { compression: 'gzip', bom: undefined, encoding: undefined }],
    ['UTF-16 in gzip', gzipSync(withBom), { compression: 'gzip', bom: 'utf-16le', encoding: 'utf-16le' }],
  ])('recognizes %s, with a sample of the text', async (_, file, expected) => {
    for (const size of CHUNK_SIZES) {
      const { sample, complete, ...seen } = await examine(() => cut(file, size));
      expect(seen).toEqual(expected);
      expect(complete).toBe(true);
      expect(Buffer.from(sample).toString('utf8')).toBe(text);
      expect(findDelimiter(sample, undefined)).toBe(';');
    }
  });

  it('reads no more than it needs, and closes what it opened', async () => {
    for (const make of [(bytes: Buffer) => bytes, (bytes: Buffer) => gzipSync(bytes, { level: 0 })]) {
      const file = make(Buffer.from(text.repeat(20_000)));
      let open = 0;
      let read = 0;
      const opened = function* () {
        open++;
        try {
          for (const chunk of cut(file, 10_000)) {
            read += chunk.length;
            yield chunk;
          }
        } finally {
          open--;
        }
      };
      expect((await examine(opened)).sample.length).toBe(65_536);
      expect(open).toBe(0);
      expect(read).toBeLessThan(160_000);
    }
  });

  it.each([
    ['more text than the sample', Buffer.from(text.repeat(20_000)), true],
    ['the start of a file', Buffer.from(text), false],
    ['the start of a gzip file', gzipSync(text).subarray(0, -9), false],
  ])('recognizes that %s is not the whole text', async (_, bytes, whole) => {
    expect((await examine(() => [bytes], { whole })).complete).toBe(false);
  });

  it.each([
    ['ends in the header’s comment', commented(200_000, text).subarray(0, 131_072), ''],
    ['has only empty members', Buffer.concat(Array(7_000).fill(gzipSync(''))).subarray(0, 131_072), ''],
    ['ends in its text', gzipSync(text, { level: 0 }).subarray(0, 30), text.slice(0, 15)],
  ])('the start of a gzip file that %s is not damaged', async (_, start, seen) => {
    for (const size of [7, 1000, 65_536]) {
      const { compression, sample } = await examine(() => cut(start, size), { whole: false });
      expect(compression).toBe('gzip');
      expect(Buffer.from(sample).toString()).toBe(seen);
    }
    expect((await failureOf(() => examine(() => [start]))).code).toBe('gzip_damaged');
  });

  it('damage in the start of a gzip file is reported', async () => {
    const start = gzipSync(text, { level: 0 }).fill(0x55, 10, 20);
    expect((await failureOf(() => examine(() => [start], { whole: false }))).code).toBe('gzip_damaged');
  });

  it('uses the requested encoding', async () => {
    const file = Buffer.from(text, 'utf16le');
    expect(await examine(() => [file], { asked: 'utf-16le' })).toMatchObject({
      encoding: 'utf-16le',
      sample: Buffer.from(text),
    });
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'file_empty', /^the file is empty:/],
    ['an empty file in gzip', gzipSync(''), 'file_empty', /^the file is empty, inside its gzip compression:/],
    ['a PDF in gzip', gzipSync('%PDF-1.7'), 'file_not_text', /^this is a PDF document, inside its gzip/],
    ['gzip in gzip', gzipSync(gzipSync(text)), 'file_not_text', /^this is a gzip file, inside its gzip/],
    ['half a gzip file', gzipSync(text).subarray(0, 30), 'gzip_damaged', /ends in the middle/],
    ['UTF-16', withBom, 'encoding_conflict', /request utf-16le$/],
  ])('refuses %s', async (_, file, code, message) => {
    const failure = await failureOf(() => examine(() => [file], { asked: 'windows-1252' }));
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
  });
});
