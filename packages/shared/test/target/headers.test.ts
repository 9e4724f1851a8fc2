import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldName, type HeaderColumn, mapHeader } from '../../src/target/headers.js';

const column = (name: string, aliases: string[] = [], required = false): HeaderColumn => ({
  name,
  aliases,
  required,
});
const mapped = (cells: string[], columns: HeaderColumn[]) =>
  mapHeader(cells, columns).fields.map((field) => [cells[field.position], field.column, field.match]);

describe('a field matches a column', () => {
  it('by name, exactly or ignoring case, accents, spaces and punctuation', () => {
    const columns = [column('order_id'), column('Größe'), column('unitPrice')];
    expect(mapped(['Order ID', 'grosse', 'unitPrice'], columns)).toEqual([
      ['Order ID', 'order_id', 'folded'],
      ['grosse', 'Größe', 'folded'],
      ['unitPrice', 'unitPrice', 'exact'],
    ]);
    expect(mapped(['GRÖSSE', ' unit-price '], columns)).toEqual([
      ['GRÖSSE', 'Größe', 'folded'],
      [' unit-price ', 'unitPrice', 'folded'],
    ]);
  });

  it('by alias, unless another column has that name', () => {
    const columns = [column('phone', ['Mobile', 'Tel.']), column('mobile')];
    expect(mapped(['tel', 'Mobile'], columns)).toEqual([
      ['tel', 'phone', 'alias'],
      ['Mobile', 'mobile', 'folded'],
    ]);
  });

  it('exact beats folded beats alias; the loser is reported', () => {
    const mapping = mapHeader(['E-Mail', 'mail', 'email'], [column('email', ['mail'])]);
    expect(mapping.fields).toEqual([{ position: 2, column: 'email', match: 'exact' }]);
    expect(mapping.ignored.map(({ name, outdone }) => [name, outdone])).toEqual([
      ['E-Mail', 'email'],
      ['mail', 'email'],
    ]);
    expect(mapping.ambiguous).toEqual([]);
  });

  it('names that differ in case are different columns', () => {
    expect(mapped(['ID', 'id'], [column('id'), column('ID')])).toEqual([
      ['ID', 'ID', 'exact'],
      ['id', 'id', 'exact'],
    ]);
  });
});

describe('problems', () => {
  it('two fields that match a column equally well', () => {
    expect(mapHeader(['E-Mail', 'e mail'], [column('email')]).ambiguous).toEqual([
      { columns: ['email'], names: ['E-Mail', 'e mail'], positions: [0, 1] },
    ]);
    expect(mapHeader(['id', 'id'], [column('id')]).ambiguous).toEqual([
      { columns: ['id'], names: ['id', 'id'], positions: [0, 1] },
    ]);
  });

  it('a field that matches two columns equally well', () => {
    const { fields, ambiguous } = mapHeader(['Total Net'], [column('total_net'), column('totalNet')]);
    expect(fields).toHaveLength(1);
    expect(ambiguous).toEqual([{ columns: ['total_net', 'totalNet'], names: ['Total Net'], positions: [0] }]);
  });

  it('required columns without a field', () => {
    expect(mapHeader(['a'], [column('a', [], true), column('b', [], true), column('c')]).missing).toEqual([
      'b',
    ]);
  });

  it('fields that match nothing, with the likely column', () => {
    const columns = [column('phone'), column('company', ['organisation']), column('email')];
    const { ignored } = mapHeader(['fone', 'compnay', 'organistaion', 'emial', 'notes', ''], columns);
    expect(ignored.map(({ name, suggestion }) => [name, suggestion])).toEqual([
      ['fone', 'phone'],
      ['compnay', 'company'],
      ['organistaion', 'company'],
      ['emial', 'email'],
      ['notes', undefined],
      ['', undefined],
    ]);
  });
});

it('a field matches at most one column, and a column at most one field', () => {
  const name = fc.stringMatching(/^[aAbB _é]{1,3}$/);
  fc.assert(
    fc.property(
      fc.array(name),
      fc.uniqueArray(fc.record({ name, aliases: fc.array(name), required: fc.boolean() }), {
        selector: (each) => each.name,
      }),
      (cells, columns) => {
        const { fields, ignored, missing } = mapHeader(cells, columns);
        const positions = [...fields, ...ignored].map((each) => each.position);
        expect(positions.sort((a, b) => a - b)).toEqual(cells.map((_, position) => position));
        expect(new Set(fields.map((each) => each.column)).size).toBe(fields.length);
        expect(new Set(fields.map((each) => each.position)).size).toBe(fields.length);
        for (const each of missing) expect(fields.some((field) => field.column === each)).toBe(false);
      },
    ),
  );
});

it('foldName keeps letters of any script', () => {
  expect(['E-Mail', 'Straße', '電話 番号', '#', 'Ünïcode_1'].map(foldName)).toEqual([
    'email',
    'strasse',
    '電話番号',
    '#',
    'unicode1',
  ]);
});
