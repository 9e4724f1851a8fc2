import { fillableTarget, type Spec, type Target, type TargetKey } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { createColumnReader } from '../../src/rows/columnReader.js';
import { rowPlan, SpecMismatch } from '../../src/rows/rowPlan.js';
import { columnOf, targetOf } from './targets.js';

function keyOf(name: string, columns: string[], more: Partial<TargetKey> = {}): TargetKey {
  const parts = columns.map((column) => ({ column, expression: column, deterministic: true }));
  return {
    ...{ name, primary: false, parts, columns, predicate: null, nullsNotDistinct: false, deferrable: false },
    ...more,
  };
}

const COLUMNS = [
  columnOf('id', 'integer', { notNull: true }),
  columnOf('sku', 'text'),
  columnOf('price', 'numeric', { notNull: true, default: '0' }),
];

function planFor(
  keys: TargetKey[],
  header: string[],
  csvjobs: NonNullable<Spec['csvjobs']>,
  kind: Target['kind'] = 'table',
) {
  return rowPlan(
    { ...targetOf(...COLUMNS), kind, keys },
    { csvjobs: { mode: 'update', ...csvjobs } },
    header,
  );
}

function refused(
  keys: TargetKey[],
  header: string[],
  csvjobs: NonNullable<Spec['csvjobs']> = {},
  kind?: Target['kind'],
): SpecMismatch {
  try {
    planFor(keys, header, csvjobs, kind);
  } catch (error) {
    if (error instanceof SpecMismatch) return error;
  }
  throw new Error('it was not refused');
}

const ID = keyOf('orders_pkey', ['id']);
const SKU = keyOf('orders_sku', ['sku']);

describe('the key of an update', () => {
  it('is the only one whose columns the file has', () => {
    expect(planFor([ID, keyOf('both', ['id', 'sku'])], ['id', 'price'], {}).conflict).toMatchObject({
      key: 'orders_pkey',
    });
  });

  it('is the named one, with its columns in any order', () => {
    const both = keyOf('both', ['id', 'sku']);
    expect(planFor([ID, both], ['id', 'sku'], { key: ['SKU', 'id'] }).conflict?.key).toBe('both');
    expect(planFor([ID, both], ['id', 'sku'], { key: ['orders_pkey'] }).conflict?.key).toBe('orders_pkey');
  });

  it('must be named if there are several, with the option that works', () => {
    const { message, options } = refused([ID, SKU], ['id', 'sku', 'price']);
    expect(message).toBe(
      'the file has the columns of 2 unique keys of sales.orders: id (orders_pkey), sku (orders_sku); choose one with --key id',
    );
    expect(options).toEqual(['--key', 'id']);
  });

  it.each<[string, TargetKey[], string[], string]>([
    [
      'the file lacks the key',
      [SKU],
      ['id', 'price'],
      'the rows of sales.orders cannot be matched by a unique key: the file does not have all columns of one; its unique keys: sku (orders_sku)',
    ],
    ['there is no key', [], ['id', 'price'], 'it has no suitable key: add a unique constraint'],
    [
      'the only one is deferrable',
      [keyOf('late', ['sku'], { deferrable: true })],
      ['sku', 'price'],
      'by a unique key; sku (late) is deferrable, so two rows may share it until the transaction ends: use one that is not: alter table sales.orders drop constraint "late", add unique ("sku"); it has no',
    ],
  ])('is refused if %s', (_, keys, header, words) => {
    expect(refused(keys, header).message).toContain(words);
  });

  it.each<[Target['kind'], string]>([
    ['view', 'a view has no keys: load into its table, or'],
    ['foreign table', 'a foreign table has no keys: load into the table on its server, or'],
    ['partitioned table', 'it has no suitable key: add a unique constraint to the table, or'],
  ])('of a %s: the advice is possible', (kind, words) => {
    for (const csvjobs of [{}, { key: ['id'] }])
      expect(refused([], ['id', 'price'], csvjobs, kind).message).toContain(words);
  });

  it('is not named by some columns of a key over expressions', () => {
    const parts = [
      { column: 'sku', expression: 'sku', deterministic: true },
      { column: null, expression: 'abs(price)', deterministic: true },
    ];
    const computed = keyOf('computed', ['sku', 'price'], { parts });
    const header = ['id', 'sku', 'price'];
    expect(refused([ID, computed], header, { key: ['sku'] }).message).toContain('sku is no unique key');
    expect(planFor([ID, computed], header, { key: ['sku', 'price'] }).conflict?.key).toBe('computed');
  });

  it.each<[string, TargetKey, string]>([
    ['deferrable', keyOf('late', ['sku'], { deferrable: true }), 'late is deferrable'],
    ['not a unique key', keyOf('other', ['price']), 'csvjobs.key: sku is no unique key of sales.orders'],
  ])('is refused if it is %s, with the available keys', (_, key, words) => {
    const { message, code } = refused([ID, key], ['id', 'sku', 'price'], { key: ['sku'] });
    expect(code).toBe('key_unusable');
    expect(message).toContain(words);
    expect(message).toContain('its unique keys: id (orders_pkey)');
  });

  it('of several columns is a list', () => {
    const both = keyOf('both', ['sku', 'price']);
    const { message } = refused([ID, both], ['id', 'sku', 'price'], { key: ['sku, price'] });
    expect(message).toContain('sku, price is one name; write several columns as a list: [sku, price]');
  });

  it('has a code of its own where no other mapping of the columns helps', () => {
    const late = keyOf('late', ['sku'], { deferrable: true });
    expect(refused([late], ['id', 'sku', 'price']).code).toBe('key_unusable');
    expect(refused([], ['id', 'sku', 'price']).code).toBe('key_unusable');
    // The file may have these columns under other names.
    expect(refused([SKU], ['id', 'price']).code).toBe('spec_mismatch');
    expect(refused([ID, SKU], ['id', 'price'], { key: ['sku'] }).code).toBe('spec_mismatch');
    expect(refused([ID], ['id', 'price'], { key: ['sku'], constant: { other: '1' } }).code).toBe(
      'spec_mismatch',
    );
  });
});

describe('a key of which the table sets a column itself', () => {
  const numbered = { ...columnOf('id', 'integer', { identity: 'always', insertable: false }), notNull: true };
  const code = columnOf('code', 'text', { generated: 'stored', insertable: false });
  const target: Target = {
    ...targetOf(numbered, code, ...COLUMNS.slice(1)),
    keys: [ID, keyOf('orders_code', ['code'])],
  };
  const refusal = (header: string[], csvjobs: NonNullable<Spec['csvjobs']>) => {
    try {
      rowPlan(fillableTarget(target, { csvjobs }), { csvjobs }, header);
    } catch (error) {
      if (error instanceof SpecMismatch) return error;
    }
    return undefined;
  };
  const ITSELF =
    'sales.orders numbers id itself (GENERATED ALWAYS), so a file cannot set it in new rows; add --update-only';

  it('finds the rows of an update that inserts none', () => {
    const spec: Spec = { csvjobs: { mode: 'update', updateOnly: true } };
    const plan = rowPlan(fillableTarget(target, spec), spec, ['id', 'price']);
    expect(plan.conflict).toMatchObject({ key: 'orders_pkey', updateOnly: true });
    expect(plan.columns.map(({ column }) => column)).toEqual(['id', 'price']);
  });

  it('cannot be used by other modes; the advice is the option', () => {
    const update = refusal(['ID', 'price'], { mode: 'update' });
    expect(update?.message).toContain(`cannot be matched by a unique key: ${ITSELF}`);
    expect(update?.options).toEqual(['--update-only']);
    const named = refusal(['id', 'price'], { mode: 'update', key: ['id'] });
    expect(named?.message).toContain(`csvjobs.key: id cannot be used: ${ITSELF}`);
    expect(named?.options).toEqual(['--update-only']);
    expect(refusal(['price'], { mode: 'update' })?.message).not.toContain('--update-only');
    const skip = refusal(['id', 'price'], { mode: 'skip' });
    expect(skip?.message).toContain(
      'so a file cannot set it in new rows; use --on-conflict update --update-only',
    );
    expect(skip?.options).toBeUndefined();
  });

  it('is not set: another such column needs the name of the key, and is ignored then', () => {
    const spec = (key?: string[]): NonNullable<Spec['csvjobs']> => ({
      ...{ mode: 'update', updateOnly: true },
      ...(key && { key }),
    });
    expect(refusal(['id', 'code', 'price'], spec())?.options).toEqual(['--key', 'id']);
    const plan = rowPlan(fillableTarget(target, { csvjobs: spec(['id']) }), { csvjobs: spec(['id']) }, [
      'id',
      'code',
      'price',
    ]);
    expect(plan.columns.map(({ column }) => column)).toEqual(['id', 'price']);
    expect(plan.notices.join()).toContain('sales.orders computes code itself (GENERATED)');
  });

  it('may have such a column that the file fills although its key is another', () => {
    const two = { ...target, keys: [ID, keyOf('wide', ['code', 'sku'])] };
    const csvjobs: NonNullable<Spec['csvjobs']> = { mode: 'update', updateOnly: true };
    expect(() => rowPlan(fillableTarget(two, { csvjobs }), { csvjobs }, ['id', 'code', 'price'])).toThrow(
      'sales.orders computes code itself (GENERATED), so an update cannot set it; name the key that finds the rows: --key id',
    );
  });
});

describe('an empty field', () => {
  it.each<[string, NonNullable<Spec['csvjobs']>, object]>([
    ['that is not allowed names the DEFAULT', { mode: 'reject' }, { hasDefault: true }],
    ['does not if the spec rejects it', { mode: 'reject', blanks: { price: 'reject' } }, {}],
    ['does not in an update', { mode: 'update', blanks: { price: 'null' } }, {}],
  ])('%s', (_, csvjobs, params) => {
    const { columns } = planFor([ID], ['id', 'price'], csvjobs);
    const judged = (name: string) =>
      createColumnReader(columns.find(({ column }) => column === name)!).judge('');
    expect(judged('price')).toEqual({ faults: [{ code: 'required', params }] });
    expect(judged('id')).toEqual({ faults: [{ code: 'required', params: {} }] });
  });

  const blanksOf = (csvjobs: NonNullable<Spec['csvjobs']>) => planFor([ID], ['id', 'sku', 'price'], csvjobs);

  it('keeps the row’s value by default, but not in the key', () => {
    const { blanks, columns } = blanksOf({});
    expect(blanks).toEqual([
      { column: 'sku', means: 'keep' },
      { column: 'price', means: 'keep' },
    ]);
    expect(columns.map(({ column, nullable }) => [column, nullable])).toEqual([
      ['id', false],
      ['sku', true],
      ['price', true],
    ]);
  });

  it('follows the spec, by column', () => {
    const { blanks, columns } = blanksOf({ blanks: { sku: 'null', price: 'default' } });
    expect(blanks).toEqual([{ column: 'price', means: 'default' }]);
    expect(columns.find(({ column }) => column === 'price')?.nullable).toBe(true);
    expect(blanksOf({ blanks: 'reject' }).columns.map(({ nullable }) => nullable)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('is the DEFAULT of new rows if rows are skipped and empty fields keep values', () => {
    expect(blanksOf({ mode: 'skip' }).blanks).toBeUndefined();
    expect(blanksOf({ mode: 'skip', blanks: { price: 'keep' } }).blanks).toEqual([
      { column: 'price', means: 'default' },
    ]);
  });
});
