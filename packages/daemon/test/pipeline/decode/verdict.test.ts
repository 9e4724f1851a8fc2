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

describe('EncodingVerdict', () => {
  it.each([
    ['nothing', latin1(''), 'utf-8', 0, 0],
    ['ASCII', latin1('name,email\n'), 'utf-8', 0, 0],
    ['characters of 2, 3 and 4 bytes', utf8('é山😀'), 'utf-8', 3, 0],
    [
      'the edges of the code space',
      utf8('\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}'),
      'utf-8',
      8,
      0,
    ],
    ['more than a block', utf8(long), 'utf-8', 60_000, 0],
    ['windows-1252', latin1('J\xfcrgen M\xfcller, Stra\xdfe, \x80 5\n'), 'windows-1252', 0, 4],
    ['more than a block of windows-1252', latin1('M\xfcller,'.repeat(20_000)), 'windows-1252', 0, 20_000],
    ['UTF-8 with one damaged record', Buffer.concat([utf8('éé\n'), latin1('\xe9\n')]), 'utf-8', 2, 1],
    ['as much damage as characters', Buffer.concat([utf8('é\n'), latin1('\xe9\n')]), 'windows-1252', 1, 1],
    ['long UTF-8 with damage', Buffer.concat([utf8(long), latin1('\xff'), utf8(long)]), 'utf-8', 120_000, 1],
    ['a character cut off at the end', latin1('a\xe5\xb1'), 'windows-1252', 0, 1],
    [
      'surrogates and overlong forms',
      latin1('\xed\xa0\x80\xc0\x80\xe0\x80\x80\xf4\x90\x80\x80'),
      'windows-1252',
      0,
      12,
    ],
    ['a started sequence before another', latin1('\xf0\x9f\x98\xe5\xb1\xb1\xe5\xb1x'), 'windows-1252', 1, 2],
  ])('on %s', (_, bytes, encoding, characters, damage) => {
    for (const size of CHUNK_SIZES)
      expect(verdictOn(cut(bytes, size)), `in chunks of ${size}`).toEqual({ encoding, characters, damage });
    expect(verdictOn([bytes]), 'in one').toEqual({ encoding, characters, damage });
  });

  it('counts like the replacement of TextDecoder, cut anywhere', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }).map(utf8),
      fc.uint8Array({ maxLength: 8 }),
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
        const damage = [...text].filter((character) => character === '\ufffd').length;
        const characters = [...text].filter((character) => character > '\x7f').length - damage;
        expect(verdictOn(cutAt(bytes, places))).toMatchObject({ characters, damage });
      }),
      { numRuns: 2000 },
    );
  });

  it('reads chunks at any address', () => {
    const bytes = utf8('é'.repeat(1000));
    for (let offset = 0; offset < 4; offset++) {
      const moved = new Uint8Array(bytes.length + offset);
      moved.set(bytes, offset);
      expect(verdictOn([moved.subarray(offset)]).characters).toBe(1000);
    }
  });
});
