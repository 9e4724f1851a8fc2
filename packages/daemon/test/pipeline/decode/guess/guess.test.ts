/** Files of three and of three hundred rows, in each encoding that is guessed. */
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { textIn } from '../../../../src/pipeline/decode/codec.js';
import type { Encoding } from '../../../../src/pipeline/decode/encodings.js';
import { guess } from '../../../../src/pipeline/decode/guess/guess.js';
import { MOST_BYTES, WordSample } from '../../../../src/pipeline/decode/guess/wordSample.js';
import { anyPlaces, cut, cutAt } from '../chunks.js';
import { customersIn } from './samples.js';

const FILES: [string, Encoding][] = [
  ['german', 'windows-1252'],
  ['french', 'windows-1252'],
  ['spanish', 'windows-1252'],
  ['german', 'macintosh'],
  ['french', 'macintosh'],
  ['spanish', 'macintosh'],
  ['german', 'ibm850'],
  ['polish', 'windows-1250'],
  ['polish', 'iso-8859-2'],
  ['czech', 'windows-1250'],
  ['turkish', 'windows-1254'],
  ['russian', 'windows-1251'],
  ['russian', 'koi8-r'],
  ['russian', 'iso-8859-5'],
  ['russian', 'ibm866'],
  ['greek', 'windows-1253'],
  ['greek', 'iso-8859-7'],
  ['chinese', 'gb18030'],
  ['taiwanese', 'big5'],
  ['korean', 'euc-kr'],
  ['japanese', 'shift_jis'],
  ['japanese', 'euc-jp'],
];

function sampleOf(chunks: Iterable<Uint8Array>): WordSample {
  const sample = new WordSample();
  for (const chunk of chunks) sample.add(chunk);
  return sample;
}

describe.each([3, 300])('%i rows', (rows) => {
  it.each(FILES)('%s in %s are read correctly', (language, encoding) => {
    const text = customersIn(language, rows);
    const bytes = iconv.encode(text, encoding);
    expect(textIn(bytes, encoding)).toBe(text);
    const found = guess(sampleOf([bytes]));
    expect(found.encoding, found.words).toBeDefined();
    expect(textIn(bytes, found.encoding!), found.words).toBe(text);
  });
});

it.each([
  'José',
  'Müller',
  'Zoë',
  'Café',
  'Straße',
  'O’Brien',
  'François',
  'João',
  'Søren',
  'MÜLLER',
  'Peña',
])('a single word is enough for windows-1252: %s', (word) => {
  expect(guess(sampleOf([iconv.encode(`name\n${word}\n`, 'windows-1252')])).encoding).toBe('windows-1252');
});

it.each<[string, [string, Encoding], [string, Encoding]]>([
  ['half of the words Cyrillic, half German', ['russian', 'windows-1251'], ['german', 'windows-1252']],
  ['half of the words Greek, half Polish', ['greek', 'windows-1253'], ['polish', 'windows-1250']],
])('refuses a mix: %s', (_, ...parts) => {
  const files = [...parts].map(([language, encoding]) => iconv.encode(customersIn(language, 300), encoding));
  expect(guess(sampleOf(files)).encoding).toBeUndefined();
});

it('refuses text that fits no language', () => {
  const noise = Buffer.from(Array.from({ length: 3_000 }, (_, at) => 0x80 + ((at * at * 7 + at) % 127)));
  expect(
    guess(sampleOf([...cut(noise, 7)].flatMap((word) => [word, Buffer.from(',')]))).encoding,
  ).toBeUndefined();
});

it('refuses two readings that are equally likely, and names both', () => {
  const { encoding, likeliest, words } = guess(sampleOf([iconv.encode('Gdańsk', 'windows-1250')]));
  expect(encoding).toBeUndefined();
  expect(`${likeliest}: ${words}`).toBe('windows-1250: "Gdańsk" (as windows-1252: "Gdañsk")');
});

describe('WordSample', () => {
  it('is the same however the file is cut', () => {
    const parts = fc.array(
      fc.constantFrom('a', 'é', 'ü', ' ', ',', '\n', '@', '|', '7', 'x'.repeat(MOST_BYTES), 'ж'),
      {
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(parts, anyPlaces, (text, places) => {
        const bytes = Buffer.from(text.join(''));
        const [whole, inParts] = [sampleOf([bytes]), sampleOf(cutAt(bytes, places))];
        expect(inParts.words()).toEqual(whole.words());
        expect(inParts.first).toEqual(whole.first);
        expect(inParts.offsets).toEqual(whole.offsets);
      }),
      { numRuns: 500 },
    );
  });

  it('has words from all of a long file, in bounded memory', () => {
    const sample = new WordSample();
    for (let at = 0; at < 50_000; at++) sample.add(iconv.encode(`Jürgen${at},`, 'windows-1252'));
    const numbers = sample.words().map((word) => Number(word.toString('latin1').slice(6)));
    expect(numbers.length).toBeLessThanOrEqual(2_048);
    expect(numbers.length).toBeGreaterThan(700);
    expect(numbers.filter((at) => at >= 25_000).length).toBeGreaterThan(numbers.length / 3);
  });
});
