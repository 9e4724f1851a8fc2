import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { Windows1252Evidence } from '../../../src/pipeline/decode/windows1252.js';
import { CHUNK_SIZES, cut } from './chunks.js';

function evidenceOn(chunks: Iterable<Uint8Array>): Windows1252Evidence {
  const evidence = new Windows1252Evidence();
  for (const chunk of chunks) evidence.add(chunk);
  return evidence;
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');

describe('Windows1252Evidence', () => {
  it.each([
    ['German', 'Jürgen Größe, Müller GmbH, Straße 5 – 30 €'],
    ['French', 'Zoé Lefèvre, « Hôtel de la Poste », l’été, créée'],
    ['Spanish', 'José Nuñez, Piñata S.A., ¿Qué?'],
    ['Danish and Swedish', 'Bøgh, Ærø, Åse Öberg, Näkkäläjärvi'],
    ['Icelandic and Faroese', 'Þórður Óðinsson, Sæþór, Ísafjörður'],
    ['typographic marks in a row', '“„…”’–— «»\u00a0\u00a0\u00a0 é…”'],
    ['a rare long run among others', 'Jürgen, Größe, Müller, ÆØÅ ApS, Zoë'],
    ['nothing beyond ASCII', 'Ann'],
  ])('%s is windows-1252', (_, text) => {
    const bytes = iconv.encode(text, 'windows-1252');
    for (const size of CHUNK_SIZES) expect(evidenceOn(cut(bytes, size)).disproof).toBeUndefined();
  });

  it.each([0x81, 0x8d, 0x8f, 0x90, 0x9d])('the byte %s disproves it, wherever it is', (byte) => {
    const bytes = Buffer.concat([latin1('ab\xe9\n'.repeat(30_000)), Buffer.of(byte), latin1('\xe9')]);
    for (const size of [1_000, 65_536, bytes.length]) {
      const { disproof } = evidenceOn(cut(bytes, size));
      expect(disproof).toEqual({ kind: 'undefined_byte', byte, offset: 120_000 });
    }
  });

  it.each([
    ['windows-1251', 'Иван Петров,ivan@x.example,Рога и копыта', 'Èâàí'],
    ['koi8-r', 'Юрий,y@x.example,Москва', 'àÒÉÊ'],
    ['windows-1253', 'Γιώργος,g@x.example,Αθήνα', 'Ãéþñãïò'],
    ['gb2312', '王小明,w@x.example,北京公司', 'ÍõÐ¡Ã÷'],
    ['euc-kr', '김철수,k@x.example,서울', '±èÃ¶¼ö'],
  ])('%s speaks against it, with a word as it would be', (encoding, text, word) => {
    const bytes = iconv.encode(`name,email,company\n${text}\n`, encoding);
    const { disproof } = evidenceOn([bytes]);
    expect(disproof).toEqual({ kind: 'unlikely_letters', word, offset: 21 });
    for (const size of CHUNK_SIZES)
      expect(evidenceOn(cut(bytes, size)).disproof).toMatchObject({ kind: 'unlikely_letters', offset: 21 });
  });

  it('long runs are too many from a quarter on', () => {
    const runs = (long: number, short: number) =>
      evidenceOn([latin1('\xe9\xe9\xe9 '.repeat(long) + '\xe9 '.repeat(short))]).disproof?.kind;
    expect(runs(1, 3)).toBe('unlikely_letters');
    expect(runs(1, 4)).toBeUndefined();
    expect(runs(10, 31)).toBeUndefined();
  });

  it('shows a word: the doubtful one where there is one, else the first', () => {
    const word = (text: string) => evidenceOn([iconv.encode(text, 'windows-1252')]).word;
    expect(word('name\nAnn Nuñez, Zoë')).toBe('Nuñez');
    expect(word('Nuñez, Zoë, é, à, ÆØÅ ApS')).toBe('ÆØÅ');
    expect(word('“é”')).toBe('é');
    expect(word('Ann')).toBeUndefined();
    expect(word(`${'x'.repeat(100)}é${'y'.repeat(100)}`)!.length).toBeLessThanOrEqual(60);
  });
});
