/**
 * Texts in any dialect: cut as RFC 4180 is where they are the same.
 *
 * @module-tag sized
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDialectParse } from '../../src/pipeline/parse/dialectParse.js';
import type { Fields } from '../../src/pipeline/parse/fields.js';
import { createParse } from '../../src/pipeline/parse.js';
import { createCutter } from '../../src/pipeline/records/createCutter.js';
import type { Cutter } from '../../src/pipeline/records/cutter.js';
import { DialectCutter } from '../../src/pipeline/records/dialectCutter.js';
import { type TextFormat, tokensOf } from '../../src/pipeline/records/dialectTokens.js';
import { RecordCutter } from '../../src/pipeline/records.js';
import { sized } from '../support/form.js';
import { csvText, damaged, splitBy, splits } from './support/arbitrary.js';
import { quotedEmpties } from './support/quotedEmpties.js';
import { chunked } from './support/run.js';

interface Cut {
  line: number;
  next: number;
  nextLine: number;
  fault: string | undefined;
  empty: boolean;
  lineEnd: number;
  foreign: boolean;
  joined: boolean;
  raw: string;
  cells: string[] | undefined;
  /** Positions of empty fields with quotes. */
  quoted: number[] | undefined;
}

function cutAll(cutter: Cutter, parse: (record: Cutter) => Fields, chunks: readonly Uint8Array[]): Cut[] {
  const found: Cut[] = [];
  const drain = () => {
    while (cutter.next()) {
      const fields = cutter.fault === undefined ? parse(cutter) : undefined;
      found.push({
        line: cutter.line,
        next: cutter.nextOffset,
        nextLine: cutter.nextLine,
        fault: cutter.fault,
        empty: cutter.empty,
        lineEnd: cutter.lineEnd,
        foreign: cutter.foreign,
        joined: cutter.joined,
        raw: cutter.raw().toString('latin1'),
        cells: fields && Array.from({ length: fields.count }, (_, at) => fields.text(at)),
        quoted: fields && quotedEmpties(fields),
      });
    }
  };
  for (const chunk of chunks) {
    const memory = Uint8Array.from(chunk);
    cutter.push(memory);
    drain();
    memory.fill(0x22);
  }
  cutter.finish();
  drain();
  return found;
}

describe('the record splitter for any dialect', () => {
  it('agrees with the fast one on RFC 4180, whatever the text and its chunks', () => {
    const limits = fc.constantFrom(1000, 40, 27);
    fc.assert(
      fc.property(
        fc.oneof(csvText, damaged),
        splits,
        limits,
        fc.boolean(),
        fc.nat(3),
        (text, sizes, maxRecordBytes, passesEmpty, skipLines) => {
          const format = { delimiter: ',', dialect: skipLines === 0 ? {} : { skipLines } };
          const options = { ...format, maxRecordBytes, lineEnd: 'lf' } as const;
          const fast = new RecordCutter(options);
          const slow = new DialectCutter(options);
          fast.passesEmpty = passesEmpty;
          slow.passesEmpty = passesEmpty;
          const parse = createParse(format);
          const chunks = splitBy(text, sizes);
          const wanted = cutAll(fast, parse, [text]);
          expect(cutAll(slow, createDialectParse(tokensOf(format)), chunks)).toEqual(wanted);
          expect(slow.passedEmpty).toBe(fast.passedEmpty);
        },
      ),
      { numRuns: sized(130, 1_500) },
    );
  });

  const read = (text: string, format: TextFormat, size = 1_000) =>
    cutAll(
      createCutter({ ...format, maxRecordBytes: 100 }),
      createParse(format),
      chunked(Buffer.from(text), size),
    ).map(({ cells, fault, line }) => cells ?? `${line}: ${fault}`);

  it.each<[string, string, TextFormat, (string[] | string)[]]>([
    [
      'several characters between fields',
      'a::b\n"c::d"::e:f\n',
      { delimiter: '::' },
      [
        ['a', 'b'],
        ['c::d', 'e:f'],
      ],
    ],
    [
      'a non-ASCII delimiter',
      'a¬b\n"c¬d"¬é\n',
      { delimiter: '¬' },
      [
        ['a', 'b'],
        ['c¬d', 'é'],
      ],
    ],
    [
      'a letter',
      'axb\n"x"xc\n',
      { delimiter: 'x' },
      [
        ['a', 'b'],
        ['x', 'c'],
      ],
    ],
    [
      'a space',
      'a b\n"c d" e\n',
      { delimiter: ' ' },
      [
        ['a', 'b'],
        ['c d', 'e'],
      ],
    ],
    [
      'another quote',
      `'a,b',"c"\n'it''s',d\n`,
      { delimiter: ',', dialect: { quote: "'" } },
      [
        ['a,b', '"c"'],
        ["it's", 'd'],
      ],
    ],
    [
      'no quotes',
      '"a,b"\nc"d,e\n',
      { delimiter: ',', dialect: { quote: null } },
      [
        ['"a', 'b"'],
        ['c"d', 'e'],
      ],
    ],
    [
      'escapes',
      'a\\,b,"c\\"d\\\\"\n"e\\\nf",g\\\nh\n',
      { delimiter: ',', dialect: { escape: '\\' } },
      [
        ['a,b', 'c"d\\'],
        ['e\nf', 'g\nh'],
      ],
    ],
    [
      'no doubled quotes',
      '"a""b",c\n"d",e\n',
      { delimiter: ',', dialect: { doubleQuote: false } },
      ['1: text_after_quote', ['d', 'e']],
    ],
    [
      'blanks after delimiters',
      'a,  b, "c"\n',
      { delimiter: ',', dialect: { skipInitialSpace: true } },
      [['a', 'b', 'c']],
    ],
    [
      'comments',
      '# x,"\na,b\n#\n"c\n# d",e\n #f,g\n',
      { delimiter: ',', dialect: { comment: '#' } },
      [
        ['a', 'b'],
        ['c\n# d', 'e'],
        [' #f', 'g'],
      ],
    ],
    [
      'lines that are not records',
      'x"\na,b\ny\nc,d\n',
      { delimiter: ',', dialect: { commentRows: [1, 3] } },
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['skipped lines', 'x"\r\n\r\na,b\n', { delimiter: ',', dialect: { skipLines: 2 } }, [['a', 'b']]],
  ])('reads %s', (_, text, format, wanted) => {
    for (let size = 1; size <= text.length; size++) expect(read(text, format, size)).toEqual(wanted);
  });

  it.each<[string, string, (string[] | string)[]]>([
    ['a quote at the start', '"Weird Al" Yankovic,b\n', [['"Weird Al" Yankovic', 'b']]],
    ['a quote inside', '19" rack,b\n', [['19" rack', 'b']]],
    ['a quote at the end', 'rack 19",b\n', [['rack 19"', 'b']]],
    ['quotes inside quotes', '"Acme "Intl" Corp",b\n', [['Acme "Intl" Corp', 'b']]],
    ['a quote in quotes', '"19" rack",b\n', [['19" rack', 'b']]],
    ['doubled quotes', '"a" and "b",c\n', [['"a" and "b"', 'c']]],
    ['well-placed quotes', '"a,""b""\nc",d\n', [['a,"b"\nc', 'd']]],
    ['a delimiter in quotes', '"a, b" c,d\ne,f\n', ['1: text_after_quote', ['e', 'f']]],
    ['a line end in quotes', '"a\nb" c",d\ne,f\n', ['1: text_after_quote', '2: stray_quote', ['e', 'f']]],
    ['an unclosed quote', '"a,b\nc"d,e\nf"g,h\n', ['1: text_after_quote', '2: stray_quote', ['f"g', 'h']]],
    ['no closing quotes at all', 'a"b,c\n"d,e\nf,g\n', [['a"b', 'c'], '2: unclosed_quote', ['f', 'g']]],
  ])('keeps as text with lenient quotes: %s', (_, text, wanted) => {
    const format: TextFormat = { delimiter: ',', dialect: { quotes: 'lenient' } };
    for (let size = 1; size <= text.length; size++) expect(read(text, format, size)).toEqual(wanted);
  });
});
