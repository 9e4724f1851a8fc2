import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import iconv from 'iconv-lite';
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

/** Code points of 80–9F, from Microsoft's table (cp1252.txt of the Unicode consortium); 0: undefined. */
const WINDOWS_1252 = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
  0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
  0x0153, 0, 0x017e, 0x0178,
];

describe('single bytes', () => {
  it('reads all 256 bytes of windows-1252; the five undefined ones become 0xFF and two half bytes', () => {
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
    ['ibm850', '81', 'ü'],
    ['x-mac-cyrillic', '88e2e0ed', 'Иван'],
    ['x-user-defined', '80ff', '\uf780\uf7ff'],
    ['iso-8859-8-i', 'f9', 'ש'],
  ] as const)('reads %s', (encoding, hex, text) => {
    expect(transcode(encoding, [Buffer.from(hex, 'hex')]).toString('utf8')).toBe(text);
  });

  it('keeps line ends, quotes and delimiters in each of them', () => {
    const ascii = Buffer.from(Array.from({ length: 128 }, (_, byte) => byte));
    for (const encoding of ENCODINGS.filter((name) => !/^utf-(16|32)/.test(name))) {
      // The non-ASCII byte keeps the chunk from being passed through.
      const out = transcode(encoding, [Buffer.concat([ascii, Buffer.of(0xe4)])]);
      // There, ESC has to start a sequence.
      const expected = Buffer.from(ascii);
      if (encoding === 'iso-2022-jp') expected[0x1b] = 0xff;
      expect(out.subarray(0, 128), encoding).toEqual(expected);
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

  it('writes 0xFF and two half bytes for half a unit at the end', () => {
    const bytes = Buffer.concat([utf16(encoding, 'a\ud83d'), Buffer.of(0x41)]);
    for (const size of CHUNK_SIZES)
      expect(transcode(encoding, cut(bytes, size)).toString('latin1')).toBe('a\xed\xa0\xbd\xff\xf4\xf1');
  });

  it('gives the same bytes however it is cut, and keeps all complete text', () => {
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

/** Texts in each language, with characters whose second byte is ASCII, if the encoding has any. */
const EAST_ASIAN = {
  shift_jis: 'ソフト,表示|"能力",ﾔﾏﾀﾞ,\\~\r\n十予構',
  gb18030: '王伟,"北京丂"€|乗\r\n㐀😀',
  gbk: '王伟,"北京丂"|乗\r\n',
  big5: '功許蓋,"育"|台北\r\n',
  'euc-kr': '김철수,"뷁똠"|서울\r\n',
  'euc-jp': 'ソフト,"表示"|ﾔﾏﾀﾞ\r\n',
} as const;

/** By the system's tables (iconv of GNU libc), not the tested ones. */
const BY_ICONV = [
  ['shift_jis', '835c837483672c955c8ea60a', 'ソフト,表示\n'],
  ['gb18030', 'cdf5ceb02c81400a', '王伟,丂\n'],
  ['big5', 'a55cb35cbb5c0a', '功許蓋\n'],
  ['euc-kr', 'b1e8c3b6bcf60a', '김철수\n'],
  ['euc-jp', 'a5bda5d5a5c8b0ec8eb10a', 'ソフト一ｱ\n'],
] as const;

describe('East Asia', () => {
  it.each(BY_ICONV)('reads %s', (encoding, hex, text) => {
    expect(transcode(encoding, [Buffer.from(hex, 'hex')]).toString('utf8')).toBe(text);
  });

  it.each(Object.entries(EAST_ASIAN) as [Encoding, string][])(
    'reads %s, split everywhere',
    (encoding, text) => {
      const bytes = iconv.encode(text, encoding === 'gbk' ? 'gb18030' : encoding);
      for (const size of CHUNK_SIZES)
        expect(transcode(encoding, cut(bytes, size)).toString('utf8')).toBe(text);
      for (let at = 0; at <= bytes.length; at++)
        for (let next = at; next <= bytes.length; next++)
          expect(transcode(encoding, cutAt(bytes, [at, next])).toString('utf8')).toBe(text);
    },
  );

  it.each([...Object.keys(EAST_ASIAN), 'iso-2022-jp'] as Encoding[])(
    'gives the same UTF-8 for any bytes in %s, however they are cut',
    (encoding) => {
      const bytes = fc.array(
        fc.oneof(fc.nat(255), fc.constantFrom(0x1b, 0x24, 0x42, 0x28, 0x4a, 0x49, 0x0a, 0x81, 0x30)),
        {
          maxLength: 60,
        },
      );
      fc.assert(
        fc.property(bytes, anyPlaces, (any, places) => {
          const whole = transcode(encoding, [Uint8Array.from(any)]);
          expect(transcode(encoding, cutAt(Uint8Array.from(any), places))).toEqual(whole);
          expect(isUtf8(Buffer.from(whole.filter((byte) => byte !== 0xff)))).toBe(true);
          expect(whole.includes('\ufffd')).toBe(false);
        }),
        { numRuns: 1_000 },
      );
    },
  );

  it.each(Object.keys(EAST_ASIAN) as Encoding[])(
    'never reads a line end or a quote as half a character of %s',
    (encoding) => {
      for (let lead = 0x80; lead < 0x100; lead++)
        for (const byte of Buffer.from('\n\r"\t,; ')) {
          const out = transcode(encoding, [Buffer.of(lead, byte, 0x61)]);
          expect(out.subarray(-2), `${lead}`).toEqual(Buffer.of(byte, 0x61));
        }
    },
  );

  it('reads ISO-2022-JP in each of its modes, split everywhere', () => {
    const bytes = Buffer.from('a,\x1b$B%=%U\x1b(B,\x1b$@0l\x1b(J\\~\n\x1b(I12\nb', 'latin1');
    for (let at = 0; at <= bytes.length; at++)
      expect(transcode('iso-2022-jp', cutAt(bytes, [at])).toString('utf8')).toBe('a,ソフ,一\\~\nｱｲ\nb');
  });

  it('writes 0xFF for an invalid escape and for half a character, and keeps the line end', () => {
    const bytes = Buffer.from('a\x1bXb,\x1b$B%=%\nc', 'latin1');
    for (const size of CHUNK_SIZES)
      expect(transcode('iso-2022-jp', cut(bytes, size)).toString('latin1')).toBe(
        Buffer.concat([
          Buffer.from('a\xffXb,', 'latin1'),
          Buffer.from('ソ'),
          Buffer.from('\xff\nc', 'latin1'),
        ]).toString('latin1'),
      );
  });
});

describe.each(['utf-32le', 'utf-32be'] as const)('%s', (encoding) => {
  it('reads any text, split anywhere', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), anyPlaces, (text, places) => {
        expect(transcode(encoding, cutAt(iconv.encode(text, encoding), places)).toString('utf8')).toBe(text);
      }),
    );
  });

  it('writes 0xFF for an invalid character, and for an incomplete unit', () => {
    const units = [0x61, 0xd800, 0x110000, 0x62].map((point) => {
      const unit = Buffer.alloc(4);
      if (encoding === 'utf-32le') unit.writeUInt32LE(point);
      else unit.writeUInt32BE(point);
      return unit;
    });
    const bytes = Buffer.concat([...units, Buffer.of(0)]);
    for (const size of CHUNK_SIZES)
      expect(transcode(encoding, cut(bytes, size)).toString('latin1')).toBe('a\xff\xffb\xff');
  });
});
