/** The required names of a header depend on the table; a refusal gives the table, the fault, and advice. */
import { readSpec } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { headerRuleFor } from '../../src/pipeline/headerRule.js';
import { Survey } from '../../src/pipeline/survey.js';
import { columnOf, targetOf } from '../rows/targets.js';

const target = targetOf(
  columnOf('order_id', 'integer', { notNull: true }),
  columnOf('quantity', 'integer', { notNull: true, default: '1' }),
);
const rule = headerRuleFor({ target, spec: undefined });

describe('the header of a file for a table', () => {
  it('gives a plan for its rows; unnamed cells at its end may be missing from records', () => {
    expect(rule(['Order ID', 'note', 'quantity', ''], ',')).toMatchObject({
      named: 3,
      cells: 4,
      notices: ['ignored field: note'],
      plan: { columns: [{ column: 'order_id' }, { column: 'quantity' }] },
    });
  });

  it('is refused with the table, the missing columns, and the command that lists the columns', () => {
    const read = () => rule(['ordr_id;quantity'], ',');
    expect(read).toThrow(expect.objectContaining({ code: 'header_invalid' }));
    expect(read).toThrow(
      /the file does not fit sales\.orders: missing column: order_id; found: .*is "," the delimiter\?.*csvjobs describe sales\.orders/,
    );
  });

  it.each([
    ['note', ['--default', 'note=Unknown']],
    // An option ends the column's name at the first equals sign.
    ['a=b', undefined],
  ])('is refused with the options that load it, if there are any: %s', (name, options) => {
    const needy = targetOf(columnOf('id', 'integer'), columnOf(name, 'text', { notNull: true }));
    const read = () => headerRuleFor({ target: needy, spec: undefined })(['id'], ',');
    expect(read).toThrow(expect.objectContaining({ code: 'header_invalid', options }));
  });

  it('is refused with reference to its spec if there is one', () => {
    const spec = readSpec({ csvjobs: { combine: { quantity: ['a', 'b'] } } });
    expect(() => headerRuleFor({ target, spec })(['order_id', 'a'], ',')).toThrow(
      expect.objectContaining({ code: 'spec_mismatch', message: expect.stringContaining('no field "b"') }),
    );
  });

  it('is refused with the whole name for a last name, not with a field that has the word last in it', () => {
    const people = targetOf(
      columnOf('first_name', 'text'),
      columnOf('last_name', 'text', { notNull: true }),
      columnOf('email', 'text', { notNull: true }),
    );
    const read = headerRuleFor({ target: people, spec: undefined });
    const options = (cells: string[]) => {
      try {
        return read(cells, ',');
      } catch (failure) {
        return (failure as { options: string[] }).options;
      }
    };
    expect(options(['Last modified time', 'Name', 'Email'])).toEqual(['--map', 'last_name=Name']);
    expect(options(['Last modified time', 'Email'])).toEqual(['--default', 'last_name=Unknown']);
  });

  it('is described if the file has none, or an unreadable one', () => {
    for (const [text, code] of [
      ['', 'file_empty'],
      ['"order_id\n', 'header_invalid'],
    ] as const) {
      const survey = new Survey({ delimiter: ',', maxRecordBytes: 100, rule });
      const read = () => {
        survey.push(Buffer.from(text));
        return survey.end();
      };
      expect(read).toThrow(
        expect.objectContaining({
          code,
          message: expect.stringContaining('the columns order_id, quantity (optional) of sales.orders'),
        }),
      );
    }
  });
});
