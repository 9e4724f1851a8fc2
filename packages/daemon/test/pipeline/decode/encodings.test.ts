import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { ENCODINGS, encodingNamed, settledEncoding } from '../../../src/pipeline/decode/encodings.js';
import { failureOf } from './chunks.js';

describe('encodingNamed', () => {
  it('knows every name of the list, and iconv-lite knows them all', () => {
    for (const encoding of ENCODINGS) {
      expect(encodingNamed(encoding)).toBe(encoding);
      expect(iconv.encodingExists(encoding)).toBe(true);
    }
  });

  it.each([
    ['UTF8', 'utf-8'],
    ['utf_16LE', 'utf-16le'],
    ['Latin-1', 'iso-8859-1'],
    ['CP1252', 'windows-1252'],
    ['ISO8859-15', 'iso-8859-15'],
  ])('understands %s', (name, encoding) => {
    expect(encodingNamed(name)).toBe(encoding);
  });

  it.each(['', 'ebcdic', 'base64', 'utf-7', 'hex', 'constructor'])(
    'refuses %j with the list',
    async (name) => {
      const failure = await failureOf(() => encodingNamed(name));
      expect(failure.code).toBe('encoding_unknown');
      expect(failure.message).toContain(`"${name}" is not known: use one of utf-8, utf-16le`);
    },
  );
});

describe('settledEncoding', () => {
  it.each([
    [undefined, undefined, undefined],
    [undefined, 'utf-8', 'utf-8'],
    [undefined, 'utf-16le', 'utf-16le'],
    ['windows-1251', undefined, 'windows-1251'],
    ['windows-1252', 'utf-8', 'windows-1252'],
    ['utf-16be', 'utf-16be', 'utf-16be'],
  ] as const)('asked %s, byte order mark %s: %s', (asked, bom, encoding) => {
    expect(settledEncoding(asked, bom)).toBe(encoding);
  });

  it.each([
    ['utf-8', 'utf-16le'],
    ['utf-16be', 'utf-16le'],
    ['utf-16le', 'utf-8'],
    ['windows-1252', 'utf-16be'],
  ] as const)('asked %s with a byte order mark of %s is a conflict', async (asked, bom) => {
    const failure = await failureOf(() => settledEncoding(asked, bom));
    expect(failure.code).toBe('encoding_conflict');
    expect(failure.message).toContain(`ask for ${bom}`);
  });
});
