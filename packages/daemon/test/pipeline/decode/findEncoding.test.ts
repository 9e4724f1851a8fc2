import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/failure.js';
import type { Encoding } from '../../../src/pipeline/decode/encodings.js';
import { findEncoding } from '../../../src/pipeline/decode/findEncoding.js';
import { noticeTexts } from '../../../src/pipeline/notice.js';
import { CHUNK_SIZES, cut, failureOf } from './chunks.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** Finds the encoding of bytes, and the encodings that the passes used. */
async function found(bytes: Uint8Array, size = bytes.length || 1) {
  const passes: string[] = [];
  const result = await findEncoding((encoding, raw) => {
    passes.push(encoding);
    for (const chunk of cut(bytes, size)) raw(chunk);
  });
  return { ...result, passes };
}

describe('findEncoding', () => {
  it('needs one pass for UTF-8, without a notice', async () => {
    expect(await found(Buffer.from('Zoë\n'))).toEqual({
      encoding: 'utf-8',
      notices: [],
      evidence: 'all of it is valid UTF-8',
      passes: ['utf-8'],
    });
  });

  it('reports what happens to damaged UTF-8', async () => {
    const { encoding, notices } = await found(latin1('Zo\xc3\xab\nJos\xe9\n'));
    expect(encoding).toBe('utf-8');
    expect(notices).toEqual([{ note: 'read as UTF-8; records with bytes that are not UTF-8 are rejected' }]);
  });

  it.each<[Encoding, string[]]>([
    ['big5', ['王小明', '張學友', '黃', '吳', '許', '公司']],
    ['shift_jis', ['山田太郎', 'テスト', '林', 'ｱｲｳ', 'ﾔﾏﾀﾞ']],
    ['euc-kr', ['김민수', '이', '한', '정', '치', '(주)삼성']],
    ['gb18030', ['李明', '张伟', '王', '孙', '赵']],
    ['euc-jp', ['山田', 'テスト']],
    ['macintosh', ['Acme™', 'Acme®', 'Joe’s', 'Café', 'Müller', 'Straße', 'Acme…', '“Acme”']],
    ['windows-1252', ['Acme™', 'Mª José', 'nº 5', 'Srª Ana', 'Café']],
  ])('names or requests the encoding of one short value in %s', async (encoding, values) => {
    for (const value of values) {
      const bytes = Buffer.concat([latin1('name\n'), iconv.encode(value, encoding), latin1('\n')]);
      const answer = await found(bytes).catch((error: Failure) => error);
      if (answer instanceof Failure) expect(answer.options?.[0]).toBe('--encoding');
      else expect([value, answer.encoding, answer.notices.length]).toEqual([value, encoding, 1]);
    }
  });

  it.each(['Zoë', 'ñ', 'è', 'ơ', 'Łódź', '°', 'º', 'ş', 'Анна', 'é\nü'])(
    'asks nothing about a short value in UTF-8: %s',
    async (value) => {
      expect(await found(Buffer.from(`name\n${value}\n`))).toMatchObject({ encoding: 'utf-8', notices: [] });
    },
  );

  it('chooses UTF-8 even with more damaged lines than good ones', async () => {
    const { encoding, passes } = await found(latin1('Zo\xc3\xab\nJos\xe9\nJ\xfcrgen\n'));
    expect(encoding).toBe('utf-8');
    expect(passes.at(-1)).toBe('utf-8');
  });

  it('reports that windows-1252 is assumed, with sample words', async () => {
    expect(await found(latin1('name\nJos\xe9 Nu\xf1ez\n'))).toEqual({
      encoding: 'windows-1252',
      notices: [
        {
          assumed: 'encoding assumed: windows-1252: "José", "Nuñez"; if that is wrong: --encoding <name>',
          option: '--encoding windows-1252',
        },
      ],
      evidence: 'assumed by its words "José", "Nuñez"',
      passes: ['utf-8', 'windows-1252'],
    });
  });

  it('shows Cyrillic correctly, and as windows-1252 would have loaded it', async () => {
    const { encoding, notices, passes } = await found(latin1('name\n\xc8\xe2\xe0\xed\n'));
    expect(encoding).toBe('windows-1251');
    expect(noticeTexts(notices)).toEqual([
      'encoding assumed: windows-1251: "Иван" (as windows-1252: "Èâàí"); if that is wrong: --encoding <name>',
    ]);
    expect(passes).toEqual(['utf-8', 'windows-1252', 'windows-1251']);
  });

  it('recognizes ISO-2022-JP by its escape sequences, wherever they are cut', async () => {
    const bytes = latin1(`${'name,email\n'.repeat(9)}\x1b$B;3ED\x1b(B\n`);
    for (const size of CHUNK_SIZES)
      expect(await found(bytes, size)).toMatchObject({
        encoding: 'iso-2022-jp',
        notices: [{ note: 'read as iso-2022-jp by its escape sequences' }],
      });
  });

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])(
    'if undecided, names the byte that disproves windows-1252, its line (%s) and both readings',
    async (_, end) => {
      const bytes = latin1(['name', 'Ann', '', 'B\x81b', ''].join(end));
      for (const size of CHUNK_SIZES) {
        const failure = await failureOf(() => found(bytes, size));
        expect(failure.code).toBe('encoding_undetermined');
        expect(failure.message).toMatch(
          /^The encoding of the file cannot be determined: it is not UTF-8, line 4 has the byte 81, which windows-1252 does not define, and its words do not decide: as ibm850: "Büb" \(as macintosh: "BÅb"\)\. Name it with --encoding <name> .*windows-1251.*; or save the file as UTF-8\. Then upload it again\.$/,
        );
        expect(failure.retryable).toBe(false);
      }
    },
  );

  it('refuses mixed encodings, and counts the lines of each', async () => {
    const failure = await failureOf(() => found(latin1(`Zo\xc3\xab\nAnn\n${'Jos\xe9\n'.repeat(30)}`)));
    expect(failure.code).toBe('encoding_undetermined');
    expect(failure.message).toContain(
      'it mixes encodings: 1 line with UTF-8 characters and 30 lines with bytes that are not UTF-8, the first of them line 3.',
    );
  });
});
