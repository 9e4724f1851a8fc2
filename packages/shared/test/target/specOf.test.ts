import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSpec } from '../../src/target/readSpec.js';
import { isRequired } from '../../src/target/required.js';
import { specOf } from '../../src/target/specOf.js';
import { type Target, type TargetColumn, type TargetKey, TYPE_KINDS } from '../../src/target/target.js';

const column = (
  name: string,
  type: Partial<TargetColumn['type']> = {},
  more: Partial<TargetColumn> = {},
) => ({
  name,
  type: {
    sql: 'text',
    base: 'text',
    kind: 'base' as const,
    name: 'text',
    system: true,
    typmod: -1,
    element: null,
    labels: null,
    domain: null,
    ...type,
  },
  notNull: false,
  default: null,
  identity: null,
  generated: null,
  insertable: true,
  collation: null,
  comment: null,
  ...more,
});

const key = (columns: string[], more: Partial<TargetKey> = {}): TargetKey => ({
  name: columns.join('_'),
  primary: false,
  parts: columns.map((name) => ({ column: name, expression: name, deterministic: true })),
  columns,
  predicate: null,
  nullsNotDistinct: false,
  deferrable: false,
  ...more,
});

const target = (columns: TargetColumn[], keys: TargetKey[] = []): Target => ({
  table: { schema: 'sales', name: 'Orders' },
  kind: 'table',
  columns,
  keys,
  checks: [],
  foreignKeys: [],
  exclusions: [],
  triggers: [],
  rules: [],
  rowSecurity: false,
  partitionKey: null,
  fingerprint: 'f'.repeat(64),
});

it('describes types, required columns, lengths, labels, comments and keys', () => {
  const columns = [
    column('id', { name: 'int8' }, { notNull: true }),
    column('code', { name: 'varchar', typmod: 14 }, { notNull: true, default: "'x'::character varying" }),
    column('mood', { kind: 'enum', name: 'mood', system: false, labels: ['sad', 'ok'] }),
    column('price', { name: 'numeric', typmod: 655366 }, { comment: 'without tax' }),
    column('at', { name: 'timestamptz' }),
    column('paid', { name: 'bool' }),
  ];
  expect(specOf(target(columns, [key(['id'], { primary: true }), key(['code', 'mood'])]))).toEqual({
    schema: {
      fields: [
        { name: 'id', type: 'integer', constraints: { required: true } },
        { name: 'code', type: 'string', constraints: { maxLength: 10 } },
        { name: 'mood', type: 'string', constraints: { enum: ['sad', 'ok'] } },
        { name: 'price', type: 'number', description: 'without tax' },
        { name: 'at', type: 'datetime' },
        { name: 'paid', type: 'boolean' },
      ],
      primaryKey: ['id'],
      uniqueKeys: [['code', 'mood']],
    },
    csvjobs: { into: 'sales."Orders"' },
  });
});

describe('leaves out', () => {
  const fieldsOf = (...columns: TargetColumn[]) => specOf(target(columns)).schema?.fields;

  it('columns that a file cannot fill, and keys that contain one', () => {
    const generated = column('sum', {}, { generated: 'stored', insertable: false });
    const spec = specOf(
      target([column('a'), generated], [key(['sum']), key(['a', 'sum'], { primary: true })]),
    );
    expect(spec.schema).toEqual({ fields: [{ name: 'a', type: 'string' }] });
  });

  it('keys that Table Schema would check more strictly, or cannot express', () => {
    const expression = key(['a'], { parts: [{ column: null, expression: 'lower(a)', deterministic: true }] });
    const others = [
      key(['a'], { predicate: 'a <> $$' }),
      key(['a'], { nullsNotDistinct: true }),
      key(['a'], { deferrable: true, primary: true }),
    ];
    expect(specOf(target([column('a')], [expression, ...others])).schema).not.toHaveProperty('uniqueKeys');
    expect(specOf(target([column('a')], others)).schema).not.toHaveProperty('primaryKey');
  });

  it('types that Table Schema writes differently, and types not built into PostgreSQL', () => {
    expect(
      fieldsOf(
        column('a', { kind: 'array', name: '_int4', element: 'int4' }),
        column('b', { name: 'interval' }),
        column('c', { name: 'jsonb' }),
        column('d', { name: 'int4', system: false }),
        column('e', { kind: 'range', name: 'int4range' }),
      )?.map(({ type }) => type),
    ).toEqual(['any', 'any', 'any', 'any', 'any']);
  });

  it('an enum without labels, a missing length, an empty comment', () => {
    expect(
      fieldsOf(
        column('a', { kind: 'enum', name: 'e', system: false, labels: [] }),
        column('b', { name: 'varchar' }),
        column('c', {}, { comment: '' }),
      ),
    ).toEqual([
      { name: 'a', type: 'string' },
      { name: 'b', type: 'string' },
      { name: 'c', type: 'string' },
    ]);
  });
});

it('a column is required if only a file can fill it', () => {
  const plain = { triggers: [] };
  expect(isRequired(plain, column('a', {}, { notNull: true }))).toBe(true);
  for (const more of [
    { notNull: false },
    { notNull: true, default: '0' },
    { notNull: true, identity: 'by default' as const },
    { notNull: true, generated: 'stored' as const },
  ])
    expect(isRequired(plain, column('a', {}, more))).toBe(false);
  const strict = column('a', { domain: { notNull: true, checks: [] } });
  expect(isRequired(plain, strict)).toBe(true);
  const trigger = { name: 'f', level: 'row' as const, events: ['insert' as const] };
  const before = { triggers: [{ ...trigger, timing: 'before' as const }] };
  expect(isRequired(before, column('a', {}, { notNull: true }))).toBe(false);
  expect(isRequired(before, strict)).toBe(true);
  const after = { triggers: [{ ...trigger, timing: 'after' as const }] };
  expect(isRequired(after, column('a', {}, { notNull: true }))).toBe(true);
});

it('is a valid spec for any table', () => {
  // Like all texts of PostgreSQL: without NUL, and of whole characters.
  const text = fc.string({ unit: 'binary' }).filter((each) => !/[\0\p{Cs}]/u.test(each));
  const name = text.filter((each) => each !== '');
  const type = fc.record({
    sql: name,
    base: name,
    kind: fc.constantFrom(...TYPE_KINDS),
    name: fc.constantFrom(
      'int4',
      'numeric',
      'varchar',
      'bpchar',
      'bool',
      'timestamptz',
      'uuid',
      'jsonb',
      'money',
    ),
    system: fc.boolean(),
    typmod: fc.constantFrom(-1, 4, 5, 104, 655366),
    element: fc.constantFrom(null, 'int4'),
    labels: fc.option(fc.array(text), { nil: null }),
    domain: fc.constant(null),
  });
  const columns = fc.uniqueArray(
    fc.record({
      name,
      type,
      notNull: fc.boolean(),
      default: fc.option(name, { nil: null }),
      identity: fc.constantFrom(null, 'always' as const, 'by default' as const),
      generated: fc.constantFrom(null, 'stored' as const, 'virtual' as const),
      insertable: fc.boolean(),
      collation: fc.constant(null),
      comment: fc.option(text, { nil: null }),
    }),
    { selector: ({ name }) => name, maxLength: 8 },
  );
  const targets = columns.chain((drawn) => {
    const keys =
      drawn.length === 0
        ? fc.constant<TargetKey[]>([])
        : fc.array(
            fc
              .tuple(
                fc.subarray(
                  drawn.map(({ name }) => name),
                  { minLength: 1 },
                ),
                fc.boolean(),
                fc.boolean(),
                fc.boolean(),
              )
              .map(([names, primary, nullsNotDistinct, deferrable]) =>
                key(names, { primary, nullsNotDistinct, deferrable }),
              ),
          );
    return keys.map((each) => target(drawn, each));
  });
  fc.assert(
    fc.property(targets, (drawn) => {
      const spec = specOf(drawn);
      expect(readSpec(JSON.parse(JSON.stringify(spec))).schema?.fields).toHaveLength(
        drawn.columns.filter(({ insertable }) => insertable).length,
      );
      expect(JSON.stringify(spec)).not.toMatch(/"(format|minimum|maximum|pattern|unique|trueValues)":/);
    }),
  );
});
