/** Hostile text, by Unicode properties: no character that a terminal interprets or hides passes. */
import { expect, test } from 'vitest';
import { clean, cleanLines, shellQuote, speed, toJson } from '../../src/text/text.js';

const ALL = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));
const named = (chars: readonly string[]) => chars.map((char) => char.codePointAt(0)!.toString(16));
/** Variation selectors 1 to 16: they choose how the character before them looks. */
const isSelector = (char: string) => char >= '\ufe00' && char <= '\ufe0f' && char.length === 1;

test.each([
  ['Bidi_Control', /\p{Bidi_Control}/u, 12],
  ['Cc, controls', /\p{Cc}/u, 65],
  ['Cf, formats', /\p{Cf}/u, 160],
  ['Cs, lone surrogates', /\p{Cs}/u, 2048],
  ['Zl and Zp, separators', /[\p{Zl}\p{Zp}]/u, 2],
  ['Default_Ignorable_Code_Point', /\p{Default_Ignorable_Code_Point}/u, 4000],
])('%s: none passes', (_, property, atLeast) => {
  const chars = ALL.filter((char) => property.test(char) && !isSelector(char));
  expect(chars.length).toBeGreaterThanOrEqual(atLeast);
  const passed = chars.filter((char) => clean(`a${char}b`).length !== 3 || clean(`a${char}b`).includes(char));
  expect(named(passed)).toEqual([]);
  const lines = chars.filter((char) => !/[\n\t]/.test(char) && cleanLines(`a${char}b`).includes(char));
  expect(named(lines)).toEqual([]);
  const json = chars.filter((char) => char !== '\n' && toJson({ a: `x${char}y` }, 2).includes(char));
  expect(named(json)).toEqual([]);
});

test('code points missed before, and similar ones', () => {
  const codes = [
    0x061c, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x2060, 0xfeff, 0xfff9,
  ];
  for (let code = 0x202a; code <= 0x202e; code += 1) codes.push(code);
  for (let code = 0x2066; code <= 0x2069; code += 1) codes.push(code);
  for (let code = 0xe0000; code <= 0xe007f; code += 1) codes.push(code);
  for (const code of codes) expect(clean(String.fromCodePoint(code)), code.toString(16)).toBe('\ufffd');
});

test('visible text stays unchanged: letters, marks, numbers, symbols, spaces', () => {
  const seen = ALL.filter(
    (char) =>
      /[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]/u.test(char) && !/\p{Default_Ignorable_Code_Point}/u.test(char),
  );
  expect(seen.length).toBeGreaterThan(140_000);
  expect(named(seen.filter((char) => clean(char) !== char))).toEqual([]);
  expect(clean('Zoë Müller, 株式会社, Ω, ❤️')).toBe('Zoë Müller, 株式会社, Ω, ❤️');
});

test('control characters become control pictures; line ends and tabs stay in whole texts, a lone CR does not', () => {
  expect(clean('a\u001b[2J\t\r\n\u007f')).toBe('a␛[2J␉␍␊␡');
  expect(cleanLines('a\u001b[2J\tb\r\nc\rd\n')).toBe('a␛[2J\tb\r\nc␍d\n');
});

test('JSON with escaped hidden characters parses to the same', () => {
  const value = { 'k\u061c': ALL.filter((char) => !/\p{Cs}/u.test(char)).join('') };
  expect(JSON.parse(toJson(value, 2))).toEqual(value);
  expect(toJson('\u{e0041}')).toBe('"\\udb40\\udc41"');
});

test('a command to copy has no hidden characters, and means the same file', () => {
  expect(shellQuote('evil\u202egnp.csv')).toBe("$'evil\\u202egnp.csv'");
});

test('a rate of one row is singular', () => {
  expect([0.4, 1.2, 1.6, 310_000].map((rate) => speed(rate))).toEqual([
    '0 rows/s',
    '1 row/s',
    '2 rows/s',
    '310,000 rows/s',
  ]);
});
