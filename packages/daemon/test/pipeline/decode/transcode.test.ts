import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENCODINGS, type Encoding } from '../../../src/pipeline/decode/encodings.js';
import { transcoderFor } from '../../../src/pipeline/decode/transcode.js';
import { anyPlaces, CHUNK_SIZES, cut, cutAt } from './chunks.js';

function transcode(encoding: Encoding, chunks: Iterable<Uint8Array>): Buffer {
  const transcoder = transcoderFor(encoding);
  const parts: Uint8Array[] = [];
  for (const chunk of chunks) parts.push(transcoder.write(chunk));
  return Buffer.concat([...parts, transcoder.end()]);
}

function utf16(encoding: 'utf-16le' | 'utf-16be', text: string): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16be' ? bytes.swap16() : bytes;
}

/** Code points of 80–9F, from the table of Microsoft (cp1252.txt of the Unicode consortium); 0: not defined. */
const WINDOWS_1252 = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
  0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
  0x0153, 0, 0x017e, 0x0178,
];

describe('single bytes', () => {
  it('reads all 256 bytes of windows-1252, the five that it does not define as 0xFF and their halves', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const expected = Buffer.concat(
      [...bytes].map((byte) => {
        const point = byte >= 0x80 && byte < 0xa0 ? WINDOWS_1252[byte - 0x80]! : byte;
        return point === 0 && byte > 0
          ? Buffer.of(0xff, 0xf0 | (byte >> 4), 0xf0 | (byte & 15))
          : Buffer.from(String.fromCodePoint(point), 'utf8');
      }),
    );
    for (const size of CHUNK_SIZES) expect(transcode('windows-1252', cut(bytes, size))).toEqual(expected);
  });

  it('reads all 256 bytes of iso-8859-1 as the code points of the same number', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    expect(transcode('iso-8859-1', [bytes])).toEqual(Buffer.from(bytes.toString('latin1'), 'utf8'));
  });

  it.each([
    ['windows-1251', 'cfe5f2f0', 'Петр'],
    ['koi8-r', 'f0c5d4d2', 'Петр'],
    ['iso-8859-2', 'a3f364bc', 'Łódź'],
    ['windows-1250', 'a3f3649f', 'Łódź'],
    ['iso-8859-15', 'a4', '€'],
    ['windows-1253', 'c1e8de', 'Αθή'],
    ['windows-1254', 'de', 'Ş'],
    ['windows-1257', 'd0', 'Š'],
    ['macintosh', '8a', 'ä'],
  ] as const)('reads %s', (encoding, hex, text) => {
    expect(transcode(encoding, [Buffer.from(hex, 'hex')]).toString('utf8')).toBe(text);
  });

  it('leaves line ends, quotes and delimiters alone in each of them', () => {
    const ascii = Buffer.from(Array.from({ length: 128 }, (_, byte) => byte));
    for (const encoding of ENCODINGS.filter((name) => !name.startsWith('utf-16'))) {
      // The byte beyond ASCII keeps the chunk from being passed through.
      const out = transcode(encoding, [Buffer.concat([ascii, Buffer.of(0xe4)])]);
      expect(out.subarray(0, 128), encoding).toEqual(ascii);
    }
  });
});

describe.each(['utf-16le', 'utf-16be'] as const)('%s', (encoding) => {
  it('reads characters of one and two units, split everywhere', () => {
    const text = 'name,ä山\ufffd\ufeff😀,𝒳\u{10ffff}\r\n"é"';
    const bytes = utf16(encoding, text);
    for (const size of CHUNK_SIZES) expect(transcode(encoding, cut(bytes, size)).toString('utf8')).toBe(text);
    for (let at = 0; at <= bytes.length; at++)
      for (let next = at; next <= bytes.length; next++)
        expect(transcode(encoding, cutAt(bytes, [at, next])).toString('utf8')).toBe(text);
  });

  it.each([
    ['a high surrogate alone', 'a\ud83db', 'a\xed\xa0\xbdb'],
    ['a low surrogate alone', 'a\ude00b', 'a\xed\xb8\x80b'],
    ['two halves in the wrong order', '\ude00\ud83d', '\xed\xb8\x80\xed\xa0\xbd'],
    ['a high surrogate at the end', 'a\ud83d', 'a\xed\xa0\xbd'],
    ['a high surrogate before a pair', '\ud83d\ud83d\ude00', '\xed\xa0\xbd\xf0\x9f\x98\x80'],
  ])('writes %s as UTF-8 would, which is invalid', (_, text, latin1) => {
    for (const size of CHUNK_SIZES)
      expect(transcode(encoding, cut(utf16(encoding, text), size)).toString('latin1')).toBe(latin1);
  });

  it('makes 0xFF and its halves of half a unit at the end', () => {
    const bytes = Buffer.concat([utf16(encoding, 'a\ud83d'), Buffer.of(0x41)]);
    for (const size of CHUNK_SIZES)
      expect(transcode(encoding, cut(bytes, size)).toString('latin1')).toBe('a\xed\xa0\xbd\xff\xf4\xf1');
  });

  it('gives the same bytes however it is cut, and keeps all text that is whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), anyPlaces, (text, places) => {
        expect(transcode(encoding, cutAt(utf16(encoding, text), places)).toString('utf8')).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), anyPlaces, (bytes, places) => {
        const whole = transcode(encoding, [bytes]);
        expect(transcode(encoding, cutAt(bytes, places))).toEqual(whole);
        const readable = whole.toString('latin1').replaceAll(/\xed[\xa0-\xbf].|\xff../gs, '');
        expect(isUtf8(Buffer.from(readable, 'latin1'))).toBe(true);
      }),
    );
  });
});
