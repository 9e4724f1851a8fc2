import { describe, expect, it } from 'vitest';
import { findEncoding } from '../../../src/pipeline/decode/findEncoding.js';
import { CHUNK_SIZES, cut, failureOf } from './chunks.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** Finds the encoding of bytes, and in which encodings the passes read. */
async function found(bytes: Uint8Array, size = bytes.length || 1) {
  const passes: string[] = [];
  const result = await findEncoding((encoding, raw) => {
    passes.push(encoding);
    for (const chunk of cut(bytes, size)) raw(chunk);
  });
  return { ...result, passes };
}

describe('findEncoding', () => {
  it('takes one pass for UTF-8, and says nothing', async () => {
    expect(await found(Buffer.from('Zoë\n'))).toEqual({ encoding: 'utf-8', notices: [], passes: ['utf-8'] });
  });

  it('says of damaged UTF-8 what happens to it', async () => {
    const { encoding, notices } = await found(latin1('Zo\xc3\xab\nJos\xe9\n'));
    expect(encoding).toBe('utf-8');
    expect(notices).toEqual(['read as UTF-8; records with bytes that are not UTF-8 are rejected']);
  });

  it('says that windows-1252 is assumed, with a word to judge by', async () => {
    expect(await found(latin1('name\nJos\xe9 Nu\xf1ez\n'))).toEqual({
      encoding: 'windows-1252',
      notices: [
        'encoding assumed: windows-1252, in which a word of it reads "José"; if that is wrong, upload the file with --encoding <name>',
      ],
      passes: ['utf-8', 'windows-1252'],
    });
  });

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('names the byte that disproves windows-1252, and its line (%s)', async (_, end) => {
    const bytes = latin1(['name', 'Zo\xeb', '', 'J\x81rgen', ''].join(end));
    for (const size of CHUNK_SIZES) {
      const failure = await failureOf(() => found(bytes, size));
      expect(failure.code).toBe('encoding_undetermined');
      expect(failure.message).toMatch(
        /^The encoding of the file cannot be determined: it is not UTF-8, and line 4 has the byte 81, which windows-1252 does not define\. Name it with --encoding <name> .*windows-1251.*; or save the file as UTF-8\. Then upload it again\.$/,
      );
      expect(failure.retryable).toBe(false);
    }
  });

  it('shows what Cyrillic would become', async () => {
    const failure = await failureOf(() => found(latin1('name\n\xc8\xe2\xe0\xed\n')));
    expect(failure.code).toBe('encoding_undetermined');
    expect(failure.message).toContain('a word on line 2 would be "Èâàí"');
  });

  it('refuses a mix of encodings, and counts the lines of each', async () => {
    const failure = await failureOf(() => found(latin1(`Zo\xc3\xab\nAnn\n${'Jos\xe9\n'.repeat(30)}`)));
    expect(failure.code).toBe('encoding_undetermined');
    expect(failure.message).toContain(
      'it mixes encodings: 1 line with UTF-8 characters and 30 lines with bytes that are not UTF-8, the first of them line 3.',
    );
  });
});
