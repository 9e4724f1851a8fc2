/**
 * Texts in any dialect: cut as RFC 4180 is where they are the same, and never so that records touch each other.
 *
 * @module-tag sized
 */
import type { FileDialect } from '@csvjobs/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyFilter } from '../../src/pipeline/batch/keyFilter.js';
import { createDialectParse } from '../../src/pipeline/parse/dialectParse.js';
import type { Fields } from '../../src/pipeline/parse/fields.js';
import { createParse } from '../../src/pipeline/parse.js';
import { batchReader, startOf } from '../../src/pipeline/reader.js';
import { createCutter } from '../../src/pipeline/records/createCutter.js';
import type { Cutter } from '../../src/pipeline/records/cutter.js';
import { DialectCutter } from '../../src/pipeline/records/dialectCutter.js';
import { type TextFormat, tokensOf } from '../../src/pipeline/records/dialectTokens.js';
import { RecordCutter } from '../../src/pipeline/records.js';
import { sized } from '../support/form.js';
import { csvText, damaged, splitBy, splits } from './support/arbitrary.js';
import { chunked, ended, layoutOf, OPTIONS, readAll } from './support/run.js';

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

describe('the cutter of any dialect', () => {
  it('finds in RFC 4180 what the fast one finds, whatever the text and its chunks', () => {
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
      { numRuns: sized(400, 1_500) },
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
      'one that is not ASCII',
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
      'blanks behind delimiters',
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
      'lines that are no records',
      'x"\na,b\ny\nc,d\n',
      { delimiter: ',', dialect: { commentRows: [1, 3] } },
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['lines to skip', 'x"\r\n\r\na,b\n', { delimiter: ',', dialect: { skipLines: 2 } }, [['a', 'b']]],
  ])('reads %s', (_, text, format, wanted) => {
    for (let size = 1; size <= text.length; size++) expect(read(text, format, size)).toEqual(wanted);
  });

  it.each<[string, string, (string[] | string)[]]>([
    ['a quote at the start', '"Weird Al" Yankovic,b\n', [['"Weird Al" Yankovic', 'b']]],
    ['a quote inside', '19" rack,b\n', [['19" rack', 'b']]],
    ['a quote at the end', 'rack 19",b\n', [['rack 19"', 'b']]],
    ['quotes inside quotes', '"Acme "Intl" Corp",b\n', [['Acme "Intl" Corp', 'b']]],
    ['a quote inside quotes', '"19" rack",b\n', [['19" rack', 'b']]],
    ['quotes twice', '"a" and "b",c\n', [['"a" and "b"', 'c']]],
    ['well placed quotes', '"a,""b""\nc",d\n', [['a,"b"\nc', 'd']]],
    ['a delimiter in the quotes', '"a, b" c,d\ne,f\n', ['1: text_after_quote', ['e', 'f']]],
    ['a line end in the quotes', '"a\nb" c",d\ne,f\n', ['1: text_after_quote', '2: stray_quote', ['e', 'f']]],
    ['an open quote', '"a,b\nc"d,e\nf"g,h\n', ['1: text_after_quote', '2: stray_quote', ['f"g', 'h']]],
    ['no closing quote at all', 'a"b,c\n"d,e\nf,g\n', [['a"b', 'c'], '2: unclosed_quote', ['f', 'g']]],
  ])('keeps as text, where that is asked for: %s', (_, text, wanted) => {
    const format: TextFormat = { delimiter: ',', dialect: { quotes: 'lenient' } };
    for (let size = 1; size <= text.length; size++) expect(read(text, format, size)).toEqual(wanted);
  });
});

interface Written {
  delimiter: string;
  dialect: FileDialect;
  lineEnd: string;
  /** What stands above the records, and behind them. */
  above: 'header' | 'title' | 'two rows' | 'nothing';
  footer: number;
  /** Some records lack their last field, which is optional. */
  short: boolean;
}

const written: fc.Arbitrary<Written> = fc
  .record({
    delimiter: fc.constantFrom(',', ';', '\t', '|', '::', '¬', ' ', '~|~'),
    quote: fc.constantFrom('"', "'", '«'),
    escape: fc.constantFrom(undefined, '\\'),
    quotes: fc.constantFrom('strict', 'lenient'),
    comment: fc.constantFrom(undefined, '#'),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    above: fc.constantFrom('header', 'title', 'two rows', 'nothing'),
    footer: fc.nat(2),
    short: fc.boolean(),
  })
  .map(({ delimiter, quote, escape: mark, quotes, comment, ...around }) => ({
    delimiter,
    ...around,
    dialect: {
      ...(around.above === 'title' && { skipLines: 2 }),
      ...(around.above === 'two rows' && { headerRows: [1, 2], headerJoin: '' }),
      ...(around.above === 'nothing' && { columns: [...NAMES] }),
      ...(around.footer > 0 && { footer: around.footer }),
      ...(quote !== '"' && { quote }),
      ...(mark && { escape: mark }),
      ...(quotes === 'lenient' && { quotes: 'lenient' as const }),
      ...(comment && { comment }),
    },
  }));

const NAMES = ['name', 'email', 'company', 'phone'] as const;

/** What a writer puts above the records, and behind them. */
function around({ delimiter, lineEnd, above, footer }: Written): { head: string; tail: string } {
  const header = NAMES.join(delimiter) + lineEnd;
  const halves = [NAMES.map((name) => name.slice(0, 2)), NAMES.map((name) => name.slice(2))];
  const heads = {
    header,
    title: `A "title${lineEnd}${lineEnd}${header}`,
    'two rows': halves.map((cells) => cells.join(delimiter) + lineEnd).join(''),
    nothing: '',
  };
  return { head: heads[above], tail: `Total${lineEnd}`.repeat(footer) };
}

/** A value as a writer of the dialect puts it. */
function put(
  value: string,
  { delimiter, dialect: { quote = '"', escape: behind } }: Pick<Written, 'delimiter' | 'dialect'>,
): string {
  const special = [delimiter, quote!, behind ?? quote!, '\n', '\r', ' '].some((mark) => value.includes(mark));
  if (!special) return value;
  const text = behind ? value.replaceAll(behind, behind + behind).replaceAll(quote!, behind + quote) : value;
  return `${quote}${behind ? text : text.replaceAll(quote!, quote! + quote)}${quote}`;
}

/** Every record has a number of its own in each value, so that what is where shows. */
const noise = fc.string({
  unit: fc.constantFrom('a', ' ', ',', ';', '"', "'", '\n', '\\', '«', ':', '¬'),
  maxLength: 6,
});
const rows = fc.array(fc.tuple(noise, noise), { minLength: 1, maxLength: 8 });
const damages = fc.array(
  fc.record({
    where: fc.double({ min: 0, max: 1, noNaN: true }),
    put: fc.constantFrom('"', "'", ',', ';', '\n', '\r\n', '\\', '«', '::', 'x', ''),
    cut: fc.nat(2),
  }),
  { maxLength: 4 },
);
const mark = (row: number) => `<${row}>`;
const marksIn = (text: string) => new Set([...text.matchAll(/<(\d+)>/g)].map(([, row]) => Number(row)));

describe('any dialect, any split, any damage', () => {
  it('no record vanishes, doubles or merges with a neighbour', () => {
    let loadedRows = 0;
    let rejectedRows = 0;
    fc.assert(
      fc.property(
        written,
        rows,
        damages,
        splits,
        fc.integer({ min: 1, max: 3 }),
        (format, made, hits, sizes, batchRows) => {
          const record = (cells: string[]) => cells.map((cell) => put(cell, format)).join(format.delimiter);
          const lines = made.map(([name, company], row) =>
            record([
              ...[`x${name}x${mark(row)}`, `u${row}@x.io`, `${mark(row)}y${company}y`],
              ...(format.short && row % 2 === 1 ? [] : ['1']),
            ]),
          );
          const { head, tail } = around(format);
          let body = lines.map((line) => line + format.lineEnd).join('');
          for (const { where, put: text, cut } of hits) {
            const at = Math.floor(where * body.length);
            // What a record is known by stays whole, and no line becomes a comment.
            if (/[<>\d@.#]/.test(body.slice(Math.max(0, at - 4), at + cut + 4))) continue;
            // A footer that a person has named is left out with all that stands on its lines.
            if (at + cut > body.length - format.lineEnd.length) continue;
            body = body.slice(0, at) + text + body.slice(at + cut);
          }
          const file = Buffer.from(head + body + tail);
          const { delimiter, dialect } = format;
          const options = { delimiter, dialect, batchRows };
          const layout = layoutOf([file], options);
          const batches = readAll([file], { ...options, layout });
          const all = ended(batches);

          // Each text of a record is in what became of exactly one record; none that loads has text of two.
          const seen = new Map<number, number>();
          for (const { values, reject } of all) {
            const text = values
              ? values.join('\0')
              : (reject!.row.raw ?? Object.values(reject!.row).join('\0'));
            const marks = marksIn(text);
            if (values) {
              loadedRows++;
              expect(marks.size).toBe(1);
              const [row] = [...marks];
              expect(values[1]).toBe(`u${row}@x.io`);
              expect(values[0]).toContain(mark(row!));
              expect(values[3]).toContain(mark(row!));
              if (hits.length === 0)
                expect([values[0], values[3]]).toEqual([
                  `x${made[row!]![0]}x${mark(row!)}`,
                  `${mark(row!)}y${made[row!]![1]}y`,
                ]);
            } else rejectedRows++;
            for (const row of marks) seen.set(row, (seen.get(row) ?? 0) + (values ? 1 : 0));
          }
          if (hits.length === 0) expect(all.filter(({ values }) => values)).toHaveLength(made.length);
          for (const row of made.keys()) {
            expect(seen.has(row)).toBe(true);
            expect(seen.get(row)).toBeLessThanOrEqual(1);
          }
          expect(all.map(({ rowNumber }) => rowNumber)).toEqual(all.map((_, at) => at + 1));

          // The same in any chunks, and behind any checkpoint.
          const contents = (some: typeof batches) =>
            some.map((batch) => ({ records: ended([batch]), checkpoint: batch.checkpoint }));
          expect(contents(readAll(splitBy(file, sizes), { ...options, layout }))).toEqual(contents(batches));
          const first = batchReader({ ...OPTIONS, ...options, emails: new KeyFilter(1), layout });
          for (const _ of first.push(file));
          for (const [index, { checkpoint }] of batches.entries()) {
            const from = startOf(format, checkpoint).byteOffset;
            const resumed = readAll(splitBy(file.subarray(from), sizes), {
              ...options,
              layout,
              checkpoint,
              header: first.header!,
            });
            expect(contents(resumed)).toEqual(contents(batches.slice(index + 1)));
          }
        },
      ),
      { numRuns: sized(300, 1_000) },
    );
    expect(loadedRows).toBeGreaterThan(sized(250, 1_000));
    expect(rejectedRows).toBeGreaterThan(sized(50, 200));
  });
});
