import { describe, expect, it } from 'vitest';
import { RecordCutter, type RecordOptions } from '../../src/pipeline/records.js';
import { sized } from '../support/form.js';
import { chunked } from './support/run.js';

interface Found {
  text: string;
  line: number;
  next: number;
  fault: string | undefined;
}

function cut(
  chunks: readonly Uint8Array[],
  options: Partial<RecordOptions> = {},
): { found: Found[]; scanned: number } {
  const cutter = new RecordCutter({ delimiter: ',', maxRecordBytes: 100, ...options });
  const found: Found[] = [];
  const drain = () => {
    while (cutter.next())
      found.push({
        text: cutter.raw().toString(),
        line: cutter.line,
        next: cutter.nextOffset,
        fault: cutter.fault,
      });
  };
  for (const chunk of chunks) {
    cutter.push(chunk);
    drain();
  }
  cutter.finish();
  drain();
  return { found, scanned: cutter.bytesScanned };
}

type Case = [
  name: string,
  text: string,
  wanted: [line: number, text: string, fault?: string][],
  max?: number,
];
const cases: Case[] = [
  ['no text', '', []],
  [
    'LF, CRLF, CR, mixed',
    'a\nb\r\nc\rd\n\re',
    [
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
      [4, 'd'],
      [6, 'e'],
    ],
  ],
  [
    'no line end at the end',
    'a\nb',
    [
      [1, 'a'],
      [2, 'b'],
    ],
  ],
  [
    'CR at the end',
    'a\rb\r',
    [
      [1, 'a'],
      [2, 'b'],
    ],
  ],
  ['blank lines', '\n\r\n  \n\t\na\n\n \n', [[5, 'a']]],
  ['an empty quoted field is a record', '""\n', [[1, '""']]],
  ['delimiters only are a record', ',,\n', [[1, ',,']]],
  [
    'line ends in quotes',
    '"a\r\nb\nc\rd",e\nf',
    [
      [1, '"a\r\nb\nc\rd",e'],
      [5, 'f'],
    ],
  ],
  [
    'doubled quotes',
    '"a""\n""",b\nc',
    [
      [1, '"a""\n""",b'],
      [3, 'c'],
    ],
  ],
  [
    'white space around quotes',
    ' "a" , "b"\t\nc',
    [
      [1, ' "a" , "b"\t'],
      [2, 'c'],
    ],
  ],
  [
    'a stray quote',
    'a"b,c\nd',
    [
      [1, 'a"b,c', 'stray_quote'],
      [2, 'd'],
    ],
  ],
  [
    'a stray quote on the second line',
    '"a\nb",c"\nd',
    [
      [1, '"a', 'stray_quote'],
      [2, 'b",c"', 'stray_quote'],
      [3, 'd'],
    ],
  ],
  [
    'text after a closing quote',
    '"a"b\r\nc',
    [
      [1, '"a"b', 'text_after_quote'],
      [2, 'c'],
    ],
  ],
  [
    'an unclosed quote',
    'a,"b\nc,d\ne',
    [
      [1, 'a,"b', 'unclosed_quote'],
      [2, 'c,d'],
      [3, 'e'],
    ],
  ],
  [
    'an unclosed quote and a valid one after',
    '"a\n"b"\nc',
    [
      [1, '"a', 'text_after_quote'],
      [2, '"b"'],
      [3, 'c'],
    ],
  ],
  [
    'a quote as the last byte',
    'a\n"',
    [
      [1, 'a'],
      [2, '"', 'unclosed_quote'],
    ],
  ],
  [
    'a record of the limit',
    'abcd\nefgh',
    [
      [1, 'abcd'],
      [2, 'efgh'],
    ],
    4,
  ],
  [
    'a record over the limit',
    'abcde\nefgh\r\nabcde',
    [
      [1, 'abcde', 'too_long'],
      [2, 'efgh'],
      [3, 'abcde', 'too_long'],
    ],
    4,
  ],
  [
    'spaces over the limit',
    '     \na',
    [
      [1, '     ', 'too_long'],
      [2, 'a'],
    ],
    4,
  ],
  [
    'quoted text of the limit',
    '"ab"\r\n"a"\n',
    [
      [1, '"ab"'],
      [2, '"a"'],
    ],
    4,
  ],
  [
    'quoted text over the limit',
    '"a\nb"\nc',
    [
      [1, '"a', 'too_long_quoted'],
      [2, 'b"', 'stray_quote'],
      [3, 'c'],
    ],
    4,
  ],
  ['a doubled quote over the limit', '"ab""\n', [[1, '"ab""', 'too_long_quoted']], 4],
  ['an unclosed quote at the limit', '"abc', [[1, '"abc', 'unclosed_quote']], 4],
];

describe('start and end of records', () => {
  it.each(cases)('%s, at every chunk size', (_, text, wanted, maxRecordBytes = 100) => {
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length + 1; size++) {
      const { found } = cut(chunked(bytes, size), { maxRecordBytes });
      expect(
        found.map(({ line, text, fault }) => (fault === undefined ? [line, text] : [line, text, fault])),
      ).toEqual(wanted);
    }
  });

  it('accepts tabs as fields if the tab is the delimiter', () => {
    const { found } = cut([Buffer.from('\t\t\na\t"b"\n \n')], { delimiter: '\t' });
    expect(found.map(({ text }) => text)).toEqual(['\t\t', 'a\t"b"']);
  });

  it('counts a CRLF split between two chunks once, also after a checkpoint', () => {
    const text = Buffer.from('a\r\nb\r\nc');
    const whole = cut([text]).found;
    for (const { next: byteOffset, line } of whole)
      expect(cut([text.subarray(byteOffset)], { from: { byteOffset, line: line + 1 } }).found).toEqual(
        whole.filter((record) => record.line > line),
      );
  });

  it.each(['', '"', ',,', '\n', '\r', ' ', '\0', 'é'])('refuses %j as the delimiter', (delimiter) => {
    expect(() => cut([], { delimiter })).toThrow(RangeError);
  });
});

describe('work is linear and memory bounded for hostile text', { tags: ['sized'] }, () => {
  const SIZE = sized(100_000, 300_000);
  const MAX = 20_000;
  const hostile: [string, string][] = [
    ['one endless line', 'a'.repeat(SIZE)],
    ['one endless line of spaces', ' '.repeat(SIZE)],
    ['one endless quoted line', `"${'a'.repeat(SIZE)}`],
    ['every line opens a quote', '"a\n'.repeat(SIZE / 3)],
    ['every line opens a quote in its second field', 'a,"b\n'.repeat(SIZE / 5)],
    ['a quote and then only pairs of them', `"\n${'""\n'.repeat(SIZE / 3)}`],
    [
      'quotes that open on every line and pairs that do not close',
      `a,"\n${'"",""\n'.repeat(500)}`.repeat(80),
    ],
    ['delimiters that could close', `"\n${'","\n'.repeat(SIZE / 4)}`],
    ['CR only', '"\r'.repeat(SIZE / 2)],
    ['quotes only', '"'.repeat(SIZE)],
    ['commas and quotes', '","",'.repeat(SIZE / 5)],
  ];
  it.each(hostile)('%s', (_, text) => {
    const bytes = Buffer.from(text);
    for (const size of [1, 100, 5_000, 64_000, SIZE * 2]) {
      const { scanned } = cut(chunked(bytes, size), { maxRecordBytes: MAX });
      expect(scanned).toBeLessThan(16 * bytes.length);
    }
  });
});
