import { readSpec, type SpecInput, type Target } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { rowPlan } from '../../src/rows/rowPlan.js';
import { createRowReader } from '../../src/rows/rowReader.js';
import { fieldsOf } from './fields.js';
import { columnOf, targetOf } from './targets.js';

const target = targetOf(
  columnOf('id', 'integer', { notNull: true }),
  columnOf('price', 'numeric(10,2)'),
  columnOf('name', 'text'),
);
const readerOf = (header: string[], spec?: SpecInput, table: Target = target) =>
  createRowReader(rowPlan(table, spec && readSpec(spec), header));

/** The fields of each written row, in hexadecimal. */
function rowsOf(rows: Uint8Array): (string | null)[][] {
  const bytes = Buffer.from(rows);
  const found: (string | null)[][] = [];
  for (let at = 0; at < bytes.length; ) {
    const row: (string | null)[] = [];
    let left = bytes.readInt16BE(at);
    at += 2;
    for (; left > 0; left--) {
      const length = bytes.readInt32BE(at);
      at += 4;
      row.push(length < 0 ? null : bytes.toString('hex', at, at + length));
      at += Math.max(0, length);
    }
    found.push(row);
  }
  return found;
}
const hex = (text: string) => Buffer.from(text).toString('hex');

it('writes the columns of the plan, and nothing of a record in doubt', () => {
  const reader = readerOf(['name', 'id']);
  expect(reader.write(fieldsOf('Ann', ' 7 '))).toBe(true);
  expect(reader.write(fieldsOf('Bo', 'x'))).toBe(false);
  expect(reader.write(fieldsOf('', '8'))).toBe(true);
  expect(reader.write(fieldsOf('short'))).toBe(false);
  expect(reader.count).toBe(2);
  expect(rowsOf(reader.rows)).toEqual([
    ['00000007', hex('Ann')],
    ['00000008', null],
  ]);
  reader.clear();
  expect([reader.count, reader.length]).toEqual([0, 0]);
});

it('judges all columns of a record, each with its column number', () => {
  const reader = readerOf(['name', 'id', 'price']);
  expect(reader.judge(fieldsOf('Ann', '', '1.239'))).toEqual({
    faults: [
      { code: 'required', column: 'id', params: {} },
      { code: 'too_many_decimals', column: 'price', params: { value: '1.239', scale: 2 } },
    ],
    values: [null, null, 'Ann'],
  });
  expect(reader.judge(fieldsOf(' Ann ', ' 7', '1e2'))).toEqual({ values: ['7', '1e2', ' Ann '] });
  expect(reader.judge(fieldsOf('Ann', '7'))).toEqual({ values: ['7', null, 'Ann'] });
});

it('returns each value of a record as the stored text, trimmed if its type ignores blanks', () => {
  const table = targetOf(columnOf('id', 'integer'), columnOf('j', 'jsonb'), columnOf('t', 'text'));
  const reader = readerOf(['id', 'j', 't'], undefined, table);
  const values = (...texts: string[]) => reader.judge(fieldsOf(...texts)).values;
  expect(values('7', '{}', 'é')).toEqual(['7', '{}', 'é']);
  expect(values('x', ' {} ', ' é')).toEqual([null, '{}', ' é']);
  expect(values('x', '', '')).toEqual([null, null, null]);
  expect(values('x', ' [1]', 'long '.repeat(50))).toEqual([null, '[1]', 'long '.repeat(50)]);
});

describe('values from the spec', () => {
  it('constants end each row', () => {
    const reader = readerOf(['id'], { csvjobs: { constant: { name: 'hub', price: '1.5' } } });
    expect(reader.write(fieldsOf('1'))).toBe(true);
    expect(rowsOf(reader.rows)).toEqual([['00000001', '0002000000000002' + '00011388', hex('hub')]]);
    expect(reader.judge(fieldsOf('1'))).toEqual({ values: ['1', '1.5', 'hub'] });
  });

  it.each(['1.5', '1,5'])('a number from the spec beside a decimal character: %s', (price) => {
    const reader = readerOf(['id'], { csvjobs: { constant: { price }, decimalChar: ',' } });
    expect(reader.write(fieldsOf('1'))).toBe(true);
    expect(rowsOf(reader.rows)).toEqual([['00000001', '0002000000000002' + '00011388']]);
    expect(reader.judge(fieldsOf('1'))).toEqual({ values: ['1', '1.5'] });
    const filled = readerOf(['id', 'price'], { csvjobs: { default: { price }, decimalChar: ',' } });
    expect(filled.judge(fieldsOf('1', ''))).toEqual({ values: ['1', '1.5'] });
    expect(filled.judge(fieldsOf('1', '2,5'))).toEqual({ values: ['1', '2.5'] });
  });

  it('defaults stand for missing values', () => {
    const reader = readerOf(['id', 'name'], { csvjobs: { default: { id: '7', name: 'Unknown' } } });
    expect(reader.write(fieldsOf('', ''))).toBe(true);
    expect(rowsOf(reader.rows)).toEqual([['00000007', hex('Unknown')]]);
    expect(reader.judge(fieldsOf(' ', ''))).toEqual({ values: ['7', 'Unknown'] });
  });

  it('several fields are combined, or the first one with a value is used', () => {
    const reader = readerOf(['First', 'id', 'Last', 'Net', 'Gross'], {
      csvjobs: { combine: { name: ['First', 'Last'] }, firstOf: { price: ['Net', 'Gross'] } },
    });
    const records = [
      ['Ann', '1', 'Lee', '1', '2'],
      [' Ann ', '2', ' ', ' ', '2'],
      ['', '3', '', '', ''],
    ];
    for (const record of records) expect(reader.write(fieldsOf(...record))).toBe(true);
    const [one, two] = ['0001000000000002' + '0001', '0001000000000002' + '0002'];
    expect(rowsOf(reader.rows)).toEqual([
      ['00000001', one, hex('Ann Lee')],
      ['00000002', two, hex('Ann')],
      ['00000003', null, null],
    ]);
    expect(records.map((record) => reader.judge(fieldsOf(...record)))).toEqual([
      { values: ['1', '1', 'Ann Lee'] },
      { values: ['2', '2', 'Ann'] },
      { values: ['3', null, null] },
    ]);
  });

  describe('combined fields, otherwise another one', () => {
    const both: SpecInput = { csvjobs: { firstOf: { name: [{ combine: ['First', 'Last'] }, 'Firm'] } } };
    const firm: SpecInput = { csvjobs: { firstOf: { name: ['Firm', { combine: ['First', 'Last'] }] } } };
    const pairs: SpecInput = {
      csvjobs: { firstOf: { name: [{ combine: ['First', 'Last'] }, { combine: ['Firm', 'Place'] }] } },
    };
    const onlyOne: SpecInput = { csvjobs: { firstOf: { name: [{ combine: ['First', 'Last'] }] } } };
    const words: SpecInput = { ...both, schema: { fields: [], missingValues: ['', '-'] } };
    const filled: SpecInput = { csvjobs: { ...both.csvjobs, default: { name: 'nobody' } } };
    it.each([
      ['both parts', both, ['Ann', 'Lee', 'Acme', ''], 'Ann Lee'],
      ['one part', both, ['', ' Lee ', 'Acme', ''], 'Lee'],
      ['no part', both, ['', ' ', 'Acme', ''], 'Acme'],
      ['no part: one field verbatim', both, ['', '', ' Acme ', ''], ' Acme '],
      ['nothing', both, ['', '', '', 'Here'], null],
      ['nothing, with a default', filled, ['', '', ' ', 'Here'], 'nobody'],
      ['words for missing values', words, ['-', '-', 'Acme', ''], 'Acme'],
      ['one such word', words, ['-', 'Lee', 'Acme', ''], 'Lee'],
      ['the other way around', firm, ['Ann', 'Lee', 'Acme', ''], 'Acme'],
      ['the other way around, empty', firm, ['Ann', 'Lee', ' ', ''], 'Ann Lee'],
      ['pairs', pairs, ['', '', 'Acme', 'Here'], 'Acme Here'],
      ['pairs, one of the second', pairs, ['', '', '', 'Here'], 'Here'],
      ['a single alternative', onlyOne, ['Ann', 'Lee', 'Acme', ''], 'Ann Lee'],
    ])('%s', (_case, spec, record, value) => {
      const reader = readerOf(['First', 'Last', 'Firm', 'Place', 'id'], spec);
      const fields = fieldsOf(...record, '1');
      expect(reader.judge(fields)).toMatchObject({ values: ['1', value] });
      expect(reader.write(fields)).toBe(true);
      expect(rowsOf(reader.rows)).toEqual([['00000001', value === null ? null : hex(value)]]);
    });
  });

  it('the first of several fields is verbatim, including blanks, like a single field', () => {
    const several = readerOf(['a', 'b', 'id'], { csvjobs: { firstOf: { name: ['a', 'b'] } } });
    const single = readerOf(['name', 'id'], undefined);
    expect(several.write(fieldsOf(' ', ' Ann ', '1'))).toBe(true);
    expect(single.write(fieldsOf(' Ann ', '1'))).toBe(true);
    expect(rowsOf(several.rows)).toEqual(rowsOf(single.rows));
    expect(several.judge(fieldsOf(' ', ' Ann ', '1'))).toEqual({ values: ['1', ' Ann '] });
  });

  it('long texts of several fields fit', () => {
    const reader = readerOf(['a', 'b', 'id'], { csvjobs: { combine: { name: ['a', 'b'] } } });
    const long = 'x'.repeat(100_000);
    expect(reader.write(fieldsOf(long, long, '1'))).toBe(true);
    expect(rowsOf(reader.rows)[0]![1]).toBe(hex(`${long} ${long}`));
  });
});

it('a type that only PostgreSQL reads is never written, and its text is passed on', () => {
  const reader = readerOf(
    ['id', 'words'],
    undefined,
    targetOf(columnOf('id', 'integer'), columnOf('words', 'tsvector')),
  );
  expect(reader.write(fieldsOf('1', 'a'))).toBe(false);
  expect(reader.judge(fieldsOf('1', 'a'))).toEqual({ values: ['1', 'a'] });
  expect([reader.count, reader.length, reader.rows.length]).toEqual([0, 0, 0]);
});

it('a domain with conditions is left to PostgreSQL, but not what its type would round', () => {
  const type = { ...columnOf('d', 'numeric(10,2)').type, domain: { notNull: false, checks: ['VALUE > 0'] } };
  const reader = readerOf(['d'], undefined, targetOf({ ...columnOf('d', 'numeric(10,2)'), type }));
  expect(reader.write(fieldsOf('1.5'))).toBe(false);
  expect(reader.judge(fieldsOf(' 1.5'))).toEqual({ values: ['1.5'] });
  expect(reader.judge(fieldsOf('1.239')).faults).toMatchObject([{ code: 'too_many_decimals', column: 'd' }]);
});
