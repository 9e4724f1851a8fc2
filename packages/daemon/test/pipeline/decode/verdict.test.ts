import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncodingVerdict } from '../../../src/pipeline/decode/verdict.js';
import { anyPlaces, CHUNK_SIZES, cut, cutAt } from './chunks.js';

function verdictOn(chunks: Iterable<Uint8Array>) {
  const verdict = new EncodingVerdict();
  for (const chunk of chunks) verdict.add(chunk);
  return verdict.result();
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const utf8 = (text: string) => Buffer.from(text, 'utf8');
const long = 'Zoë 山 😀, '.repeat(20_000);

const RECORD = latin1('Jos\xe9 Nu\xf1ez,j@x.example,Caf\xe9\n');

describe('EncodingVerdict', () => {
  it.each([
    ['nothing', latin1(''), 'utf-8', 0, 0, 0],
    ['ASCII', latin1('name,email\n'), 'utf-8', 0, 0, 0],
    ['characters of 2, 3 and 4 bytes', utf8('é山😀'), 'utf-8', 1, 0, 0],
    [
      'the limits of the code space',
      utf8('\u0080\n\u07ff\n\u0800\n\ud7ff\n\ue000\n\uffff\n\u{10000}\n\u{10ffff}'),
      'utf-8',
      // U+07FF belongs to N'Ko, which is no evidence.
      7,
      0,
      0,
    ],
    ['more than a block in one line', utf8(long), 'utf-8', 1, 0, 0],
    ['CR line ends', utf8('é\rè\r\rß\r'), 'utf-8', 3, 0, 0],
    ['CRLF line ends', utf8('é\r\nè\r\nx\r\n'), 'utf-8', 2, 0, 0],
    ['windows-1252', latin1('J\xfcrgen M\xfcller, Stra\xdfe, \x80 5\n'), 'other', 0, 1, 4],
    ['more than a block of windows-1252', latin1('M\xfcller,\n'.repeat(20_000)), 'other', 0, 20_000, 20_000],
    // The first four of these were once read as windows-1252, which turned their UTF-8 into mojibake.
    ['UTF-8 with one Latin-1 record', Buffer.concat([utf8('Zoë\n'), RECORD]), 'utf-8', 1, 1, 3],
    ['the Latin-1 record first', Buffer.concat([RECORD, utf8('Zoë\n')]), 'utf-8', 1, 1, 3],
    ['with CR line ends', latin1('Zo\xc3\xab\rJos\xe9 Nu\xf1ez\rAnn\r'), 'utf-8', 1, 1, 2],
    [
      'UTF-8 with four Latin-1 records',
      Buffer.concat([utf8('Zoë\n'), RECORD, RECORD, RECORD, RECORD]),
      'utf-8',
      1,
      4,
      12,
    ],
    ['half of each', Buffer.concat([RECORD, RECORD, utf8('é\nx\n'), utf8('è\n')]), 'utf-8', 2, 2, 6],
    [
      'too damaged for UTF-8, with too many good lines for an accident',
      latin1(`Zo\xc3\xab\n${'\xe9\n'.repeat(5)}`),
      undefined,
      1,
      5,
      5,
    ],
    [
      'a hundred bad lines per good one',
      latin1(`Zo\xc3\xab\n${'\xe9\n'.repeat(100)}`),
      undefined,
      1,
      100,
      100,
    ],
    ['an accident', latin1(`Zo\xc3\xab\n${'\xe9\n'.repeat(101)}`), 'other', 1, 101, 101],
    [
      'accidents of windows-1252: É, ß and Ü before a quotation mark',
      latin1('\x93CAF\xc9\x94\nCAF\xc9\xae\n\x84Strau\xdf\x93\nMEN\xdc\x94\n'),
      'other',
      0,
      2,
      2,
    ],
    [
      'long UTF-8 with damage',
      Buffer.concat([utf8(`${long}\n`), latin1('\xff\n'), utf8(long)]),
      'utf-8',
      2,
      1,
      1,
    ],
    ['a line with both', latin1('\xc3\xa9 \xe9\n'), 'other', 0, 1, 1],
    ['a truncated character at the end', latin1('a\xe5\xb1'), 'other', 0, 1, 1],
    ['a truncated character at the end of a line', latin1('\xe5\xb1\nx\n'), 'other', 0, 1, 1],
    [
      'surrogates and overlong forms',
      latin1('\xed\xa0\x80\xc0\x80\xe0\x80\x80\xf4\x90\x80\x80'),
      'other',
      0,
      1,
      12,
    ],
    ['a sequence interrupted by another', latin1('\xf0\x9f\x98\xe5\xb1\xb1\xe5\xb1x'), 'other', 0, 1, 2],
  ])('on %s', (_, bytes, encoding, goodLines, badLines, damage) => {
    const expected = { encoding, goodLines, badLines, damage };
    for (const size of CHUNK_SIZES)
      expect(verdictOn(cut(bytes, size)), `in chunks of ${size}`).toMatchObject(expected);
    expect(verdictOn([bytes]), 'in one').toMatchObject(expected);
  });

  it('reports where the damage starts', () => {
    for (const size of CHUNK_SIZES) {
      const first = (text: string) => verdictOn(cut(latin1(text), size)).firstDamage;
      expect(first('abc')).toBe(-1);
      expect(first('abc\xe9d\xff')).toBe(3);
      expect(first('ab\xe5\xb1\nx')).toBe(2);
      expect(first('ab\xe5\xb1')).toBe(2);
    }
  });

  it('counts like TextDecoder’s replacement, line by line, cut anywhere', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }).map(utf8),
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom('\n', '\r', '\r\n', 'é\n', 'ascii\n').map(utf8),
      // Bytes at which the rules for sequences change.
      fc
        .array(
          fc.constantFrom(0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xf5),
          {
            maxLength: 8,
          },
        )
        .map((bytes) => Uint8Array.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(piece), anyPlaces, (pieces, places) => {
        // U+FFFD in the input would look like damage to this count.
        const bytes = Buffer.from(
          Buffer.concat(pieces).toString('latin1').replaceAll('\xef\xbf\xbd', ''),
          'latin1',
        );
        fc.pre(!bytes.includes('\ufffd'));
        const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
        const lines = text.split(/[\r\n]/);
        // Not evidence: see IS_EVIDENCE.
        const isGood = (line: string) => /[^\0-\x7f\u0240-\u037f\u06c0-\u07ff]/u.test(line);
        expect(verdictOn(cutAt(bytes, places))).toMatchObject({
          damage: text.split('\ufffd').length - 1,
          badLines: lines.filter((line) => line.includes('\ufffd')).length,
          goodLines: lines.filter((line) => !line.includes('\ufffd') && isGood(line)).length,
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('reads chunks at any memory offset', () => {
    const bytes = utf8('abcdefgh é\n'.repeat(1000));
    for (let offset = 0; offset < 4; offset++) {
      const moved = new Uint8Array(bytes.length + offset);
      moved.set(bytes, offset);
      expect(verdictOn([moved.subarray(offset)]).goodLines).toBe(1000);
    }
  });
});
