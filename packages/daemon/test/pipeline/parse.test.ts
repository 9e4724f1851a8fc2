import csvParser from 'csv-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createParse } from '../../src/pipeline/parse.js';
import { createCutter } from '../../src/pipeline/records/createCutter.js';
import { RecordCutter } from '../../src/pipeline/records.js';
import { quotedEmpties } from './support/quotedEmpties.js';

/** The cells of every record of a text. */
function parsed(text: string, delimiter = ','): string[][] {
  const cutter = new RecordCutter({ delimiter, maxRecordBytes: 1000 });
  const parse = createParse({ delimiter });
  const found: string[][] = [];
  cutter.push(Buffer.from(text));
  cutter.finish();
  while (cutter.next()) {
    const fields = parse(cutter);
    found.push(Array.from({ length: fields.count }, (_, position) => fields.text(position)));
  }
  return found;
}

describe('the fields of a record', () => {
  it.each<[string, string[]]>([
    ['a', ['a']],
    [',', ['', '']],
    [' a ,b,', [' a ', 'b', '']],
    ['""', ['']],
    ['"",', ['', '']],
    ['"a,b","c\r\nd",e', ['a,b', 'c\r\nd', 'e']],
    ['a,"b",', ['a', 'b', '']],
    ['"a""b"', ['a"b']],
    ['"""",""""""', ['"', '""']],
    [' "a" ,\t" b "\t, c ', ['a', ' b ', ' c ']],
    [' """a,""" , ""', ['"a,"', '']],
    ['"a"",""b",c', ['a","b', 'c']],
    ['é,"ü""ü"', ['é', 'ü"ü']],
  ])('%j', (record, wanted) => {
    expect(parsed(record)).toEqual([wanted]);
    expect(parsed(`x,y\n${record}\n"p","q""q"\nz`)).toEqual([['x', 'y'], wanted, ['p', 'q"q'], ['z']]);
  });

  it.each([';', '\t', '|'])('is cut at the delimiter %j', (delimiter) => {
    const text = ['a,b', '"c,d"', '"e""f"', ' "g" ', ''].join(delimiter);
    expect(parsed(text, delimiter)).toEqual([['a,b', 'c,d', 'e"f', 'g', '']]);
  });

  it('are found in linear time if delimiters are rare', () => {
    // Searching the rest of the window for each record would take minutes, and fail by timeout.
    const text = Buffer.from(`a,b\n${'x\n'.repeat(2_000_000)}c,d`);
    const cutter = new RecordCutter({ delimiter: ',', maxRecordBytes: 100 });
    const parse = createParse({ delimiter: ',' });
    cutter.push(text);
    cutter.finish();
    let fields = 0;
    while (cutter.next()) fields += parse(cutter).count;
    expect(fields).toBe(2_000_004);
  });

  it('may be thousands', () => {
    const cells = Array.from({ length: 3000 }, (_, index) => String(index));
    const cutter = new RecordCutter({ delimiter: ',', maxRecordBytes: 1e6 });
    cutter.push(Buffer.from(`${cells.join(',')}\n"""",${cells.join(',')}`));
    cutter.finish();
    const parse = createParse({ delimiter: ',' });
    cutter.next();
    expect(parse(cutter).count).toBe(3000);
    cutter.next();
    expect(parse(cutter).text(3000)).toBe('2999');
  });

  const text = fc.string({
    unit: fc.constantFrom('a', 'é', '😀', ' ', '\t', ',', ';', '"', '\n', '\r', '\r\n', '\0'),
    maxLength: 8,
  });
  const pad = fc.constantFrom('', '', ' ', '\t', ' \t ');
  const record = fc.array(fc.tuple(text, fc.boolean(), pad, pad), { minLength: 1, maxLength: 6 });

  it('are those of csv-parser, without the white space around quotes', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(',', ';', '\t'),
        (made, by) => {
          const cells = made.map((fields) =>
            fields.map(([value, asked, before, after]) => {
              const quotes = asked || /["\r\n]/.test(value) || value.includes(by) || /^[ \t]*$/.test(value);
              const padding = (around: string) => (quotes ? around.replaceAll(by, '') : '');
              const written = quotes ? `"${value.replaceAll('"', '""')}"` : value;
              return { value, written, padded: padding(before) + written + padding(after) };
            }),
          );
          const lines = (form: 'written' | 'padded') =>
            cells.map((fields) => `${fields.map((each) => each[form]).join(by)}\n`);
          const found = parsed(lines('padded').join(''), by);
          expect(found).toEqual(cells.map((fields) => fields.map(({ value }) => value)));
          expect(found).toEqual(lines('written').map((line) => byCsvParser(line, by)));
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

function byCsvParser(line: string, separator: string): string[] {
  const parser = csvParser({ separator, headers: false, raw: true });
  parser.write(line);
  const row: Record<string, Buffer> = parser.read();
  return Object.values(row).map((cell) => cell.toString());
}

/** Texts of fields as they are in a file, with `'` for the quote; the one without text, with and without quotes, more often. */
const writtenFields = fc.array(
  fc.oneof(
    { arbitrary: fc.constantFrom('', "''"), weight: 3 },
    { arbitrary: fc.constantFrom('x', "'x'", "''''", "'x'''", "'''x'", "','", "'a,b'"), weight: 2 },
  ),
  { minLength: 1, maxLength: 8 },
);

describe('the parser distinguishes empty fields with quotes from those without', () => {
  it.each<[string, object | undefined, (field: string) => string]>([
    ['in the usual dialect', undefined, (field) => field.replaceAll("'", '"')],
    ['with blanks around quotes', undefined, (field) => field.replace(/^'.*'$/, ' $& ').replaceAll("'", '"')],
    ['with another quote', { quote: "'" }, (field) => field],
  ])('%s', (_, dialect, write) => {
    fc.assert(
      fc.property(fc.array(writtenFields, { minLength: 1, maxLength: 5 }), (records) => {
        const format = { delimiter: ',', ...(dialect && { dialect }) };
        const cutter = createCutter({ ...format, maxRecordBytes: 1000 });
        const parse = createParse(format);
        // A first field keeps records with one empty field from being blank lines.
        cutter.push(Buffer.from(records.map((record) => `f,${record.map(write).join(',')}\n`).join('')));
        cutter.finish();
        for (const record of records) {
          expect(cutter.next()).toBe(true);
          const places = record.flatMap((field, at) => (field === "''" ? [at + 1] : []));
          expect(quotedEmpties(parse(cutter))).toEqual(places);
        }
      }),
    );
  });

  it('at the start of a record too', () => {
    const cutter = new RecordCutter({ delimiter: ',', maxRecordBytes: 1000 });
    const parse = createParse({ delimiter: ',' });
    cutter.push(Buffer.from('"",a\n,a\n"","a""b"\n,"a""b"\n "" ,a\n'));
    cutter.finish();
    for (const places of [[0], [], [0], [], [0]]) {
      expect(cutter.next()).toBe(true);
      expect(quotedEmpties(parse(cutter))).toEqual(places);
    }
  });
});
