import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import {
  ENCODINGS,
  encodingAsked,
  encodingNamed,
  settledEncoding,
} from '../../../src/pipeline/decode/encodings.js';
import { transcoderFor } from '../../../src/pipeline/decode/transcode.js';
import { failureOf } from './chunks.js';
import { ASCII_LABELS, WHATWG_LABELS } from './whatwgLabels.js';

describe('encodingNamed', () => {
  it('knows every listed name, and reads ASCII in it', () => {
    for (const encoding of ENCODINGS) {
      expect(encodingNamed(encoding)).toBe(encoding);
      const text = 'name,"a\\b|c;~"\r\n';
      const ascii = /^utf-(16|32)/.test(encoding)
        ? iconv.encode(text, encoding, { addBOM: false })
        : Buffer.from(text);
      const { write, end } = transcoderFor(encoding);
      expect(Buffer.concat([write(ascii), end()]).toString(), encoding).toBe(text);
    }
  });

  it('knows all labels of the WHATWG Encoding Standard, with its encodings', () => {
    for (const [label, name] of Object.entries(WHATWG_LABELS)) {
      if (ASCII_LABELS.includes(label)) expect(encodingNamed(label)).toBe('utf-8');
      else expect(encodingNamed(label), label).toBe(name);
    }
  });

  it.each([
    ['utf-16', 'utf-16be', undefined, 'utf-16be'],
    ['unicode', undefined, 'utf-16be', 'utf-16be'],
    ['utf-16', undefined, undefined, 'utf-16le'],
    ['utf-32', 'utf-32be', undefined, 'utf-32be'],
  ] as const)('finds the byte order of %s', (name, bom, pattern, encoding) => {
    expect(settledEncoding(encodingAsked(name), bom, pattern)).toBe(encoding);
  });

  it.each([
    ['UTF8', 'utf-8'],
    ['utf_16LE', 'utf-16le'],
    ['Latin-1', 'windows-1252'],
    ['cp437', 'ibm437'],
    ['Shift-JIS', 'shift_jis'],
    ['CP1252', 'windows-1252'],
    ['ISO8859-15', 'iso-8859-15'],
  ])('understands %s', (name, encoding) => {
    expect(encodingNamed(name)).toBe(encoding);
  });

  it.each(['', 'ebcdic', 'base64', 'utf-7', 'hex', 'constructor'])(
    'refuses %j with the usual names',
    async (name) => {
      const failure = await failureOf(() => encodingNamed(name));
      expect(failure.code).toBe('encoding_unknown');
      expect(failure.message).toContain(`"${name}" is not supported: use windows-1252, windows-1250`);
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
  ] as const)('requested %s, byte order mark %s: %s', (asked, bom, encoding) => {
    expect(settledEncoding(asked, bom)).toBe(encoding);
  });

  it.each([
    ['utf-8', 'utf-16le'],
    ['utf-16be', 'utf-16le'],
    ['utf-16le', 'utf-8'],
    ['windows-1252', 'utf-16be'],
  ] as const)('requested %s with a byte order mark of %s is a conflict', async (asked, bom) => {
    const failure = await failureOf(() => settledEncoding(asked, bom));
    expect(failure.code).toBe('encoding_conflict');
    expect(failure.message).toContain(`request ${bom}`);
  });
});
