import { expect, it } from 'vitest';
import { RowWriter } from '../../src/rows/rowWriter.js';
import { integerRule } from '../../src/rows/types/integer.js';
import { textRule } from '../../src/rows/types/text.js';
import { fieldsOf } from './fields.js';

const columns = [
  { position: 2, rule: integerRule(4), nullable: true },
  { position: 0, rule: textRule, nullable: false },
];

const row = (...values: (Buffer | null)[]) => {
  const parts = values.map((value) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value?.length ?? -1);
    return Buffer.concat([length, value ?? Buffer.alloc(0)]);
  });
  return Buffer.concat([Buffer.from([0, values.length]), ...parts]);
};

it('writes the columns from their fields, in column order', () => {
  const writer = new RowWriter(columns);
  expect(writer.add(fieldsOf('Ann', 'unused', '7'))).toBe(true);
  expect(writer.add(fieldsOf('Bo', 'unused', ''))).toBe(true);
  expect(writer.count).toBe(2);
  expect(Buffer.from(writer.rows)).toEqual(
    Buffer.concat([row(Buffer.from([0, 0, 0, 7]), Buffer.from('Ann')), row(null, Buffer.from('Bo'))]),
  );
});

it('skips blanks around a number, and keeps those around text', () => {
  const writer = new RowWriter(columns);
  expect(writer.add(fieldsOf(' Ann ', '', ' 7\t'))).toBe(true);
  expect(writer.add(fieldsOf('Bo', '', '  '))).toBe(true);
  expect(Buffer.from(writer.rows)).toEqual(
    Buffer.concat([row(Buffer.from([0, 0, 0, 7]), Buffer.from(' Ann ')), row(null, Buffer.from('Bo'))]),
  );
});

it('writes nothing of a row with a value in doubt, or an empty one in a NOT NULL column', () => {
  const writer = new RowWriter(columns);
  writer.add(fieldsOf('Ann', '', '7'));
  const before = Buffer.from(writer.rows);
  expect(writer.add(fieldsOf('Bo', '', 'seven'))).toBe(false);
  expect(writer.add(fieldsOf('', '', '8'))).toBe(false);
  expect([writer.count, Buffer.from(writer.rows)]).toEqual([1, before]);
});

it('has room for a field that fills several columns', () => {
  const long = 'x'.repeat(90);
  const same = [1, 2, 3].map(() => ({ position: 0, rule: textRule, nullable: false }));
  const writer = new RowWriter(same);
  for (let each = 0; each < 5_000; each++) expect(writer.add(fieldsOf(long, 'y'))).toBe(true);
  const one = row(Buffer.from(long), Buffer.from(long), Buffer.from(long));
  expect(writer.length).toBe(5_000 * one.length);
  expect(Buffer.from(writer.rows.subarray(-one.length))).toEqual(one);
});

it('has room for rows of any size, and starts over after clear', () => {
  const writer = new RowWriter(columns);
  const long = 'x'.repeat(300_000);
  for (let each = 0; each < 3; each++) expect(writer.add(fieldsOf(long, '', '1'))).toBe(true);
  expect(Buffer.from(writer.rows.subarray(-300_000)).toString()).toBe(long);
  writer.clear();
  expect([writer.count, writer.rows.length]).toEqual([0, 0]);
});
