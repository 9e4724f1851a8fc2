/**
 * What the kernel takes is what the code that reads record by record would take: the same batches, byte by byte, with and without it,
 * over every type's values and over drawn files.
 */
import type { Spec, Target } from '@csvjobs/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { START } from '../../../../src/pipeline/checkpoint.js';
import { targetHeader } from '../../../../src/pipeline/headerRule.js';
import type { Layout } from '../../../../src/pipeline/layout.js';
import { Reader } from '../../../../src/pipeline/reader.js';
import type { TargetBatch } from '../../../../src/pipeline/target/targetBatch.js';
import { TargetSink } from '../../../../src/pipeline/target/targetSink.js';
import { columnOf, targetOf, typeOf } from '../../../rows/targets.js';
import { ALL_VALUES, TYPE_VALUES } from '../../../rows/typeValues.js';
import { inShortIf, sized } from '../../../support/form.js';
import { chunked, OPTIONS } from '../../support/run.js';

interface Read {
  layout: Layout;
  spec?: Spec | undefined;
  delimiter?: string;
  chunk?: number;
  batchRows?: number;
  batchBytes?: number;
  maxRecordBytes?: number;
}

/** The batches of a text, and how many of its records were plain. */
function read(text: string, target: Target, withKernel: boolean, more: Read) {
  const { layout, spec, chunk = 1 << 20, delimiter = ',', ...sizes } = more;
  const format = { delimiter, maxRecordBytes: 1_000, layout, ...sizes };
  const key = target.keys[0] && { name: target.keys[0].name, columns: target.keys[0].columns };
  const sink = new TargetSink({
    ...{ ...OPTIONS, ...sizes, target, checkpoint: START },
    apart: key ? { key } : undefined,
    text: withKernel ? format : undefined,
  });
  let plain = 0;
  const addPlain = sink.addPlain.bind(sink);
  sink.addPlain = (...args) => {
    const count = addPlain(...args);
    plain += count;
    return count;
  };
  const reader = new Reader({ ...format, rule: targetHeader({ target, spec }) }, sink);
  const batches = chunked(Buffer.from(text), chunk).flatMap((each) => {
    const full = [...reader.push(each)].map(shown);
    each.fill(0x22);
    return full;
  });
  return { batches: [...batches, ...[...reader.end()].map(shown)], plain };
}

/** A batch in a form that is quick to compare. */
function shown({ rows, suspects, texts, rejects, doubtful, keys, kept, ...others }: TargetBatch) {
  const bytes = [rows, suspects, texts, rejects, doubtful].map(({ count, copy }) => `${count} ${hex(copy)}`);
  return {
    ...others,
    bytes,
    keys: hex(keys),
    kept: [kept.count, kept.firstRow, hex(kept.places), hex(kept.text)],
  };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function same(text: string, target: Target, more: Read): number {
  const { batches, plain } = read(text, target, true, more);
  expect(batches).toEqual(read(text, target, false, more).batches);
  return plain;
}

function keyOn(...columns: string[]): Target['keys'][number] {
  const parts = columns.map((column) => ({ column, expression: column, deterministic: true }));
  return {
    ...{ name: 'k', primary: false, parts, columns },
    predicate: null,
    deferrable: false,
    nullsNotDistinct: false,
  };
}

const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
const needsQuotes = (value: string) => /[",\r\n]|^[ \t]*$/.test(value);

const more: Read = { layout: { fields: 2, lineEnd: 'lf' } };
/** Names of types as the pure targets know them. */
const TYPMODS: Record<string, Partial<ReturnType<typeof typeOf>>> = {
  'numeric(3)': { name: 'numeric', typmod: 4 + (3 << 16) },
  'numeric(2,4)': { name: 'numeric', typmod: 4 + (2 << 16) + 4 },
  'numeric(10,2)': { name: 'numeric', typmod: 4 + (10 << 16) + 2 },
  'char(3)': { name: 'bpchar', typmod: 7 },
  'time(1)': { name: 'time', typmod: 1 },
  mood: { kind: 'enum', labels: ['sad', 'ok', 'so-so', 'größer'], system: false },
  amount: { name: 'numeric', typmod: 4 + (10 << 16) + 2 },
  'int4[]': { name: '_int4', kind: 'array', element: 'int4' },
  'text[]': { name: '_text', kind: 'array', element: 'text' },
  'numeric(10,2)[]': { name: '_numeric', kind: 'array', element: 'numeric', typmod: 4 + (10 << 16) + 2 },
};
const column = (name: string, sql: string, of = {}) =>
  columnOf(name, sql, { type: { ...typeOf(sql), ...TYPMODS[sql] }, ...of });

const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{0,${most}}$`));
const sign = fc.constantFrom('', '', '', '-', '+');
const two = (most: number) =>
  fc.integer({ min: 0, max: most }).map((number) => String(number).padStart(2, '0'));
const date = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((at) => at.toISOString().slice(0, 10));
const anyDate = fc.oneof(
  date,
  fc
    .tuple(fc.constantFrom('1900', '2000', '2023', '2024', '0000', '0001'), two(13), two(32))
    .map((parts) => parts.join('-')),
);
const time = fc
  .tuple(two(24), two(60), fc.constantFrom('', ':'), two(60), fc.constantFrom('', '', '.'), digits(7))
  .map(([hours, minutes, colon, seconds, dot, fraction]) =>
    colon === '' ? `${hours}:${minutes}` : `${hours}:${minutes}:${seconds}${dot}${dot && fraction}`,
  );
const zone = fc.oneof(
  fc.constantFrom('', 'Z', 'z'),
  fc
    .tuple(fc.constantFrom('+', '-'), two(17), fc.constantFrom('', ':'), fc.oneof(fc.constant(''), two(61)))
    .map((parts) => parts.join('')),
);
const timestamp = fc
  .tuple(anyDate, fc.constantFrom(' ', 'T', 't'), time, zone)
  .map((parts) => parts.join(''));
/** Values near the edges of what the kernel knows. */
const NEAR = fc.oneof(
  fc.tuple(sign, digits(20)).map((parts) => parts.join('')),
  fc.tuple(sign, digits(14), fc.constant('.'), digits(6)).map((parts) => parts.join('')),
  fc.constantFrom(
    '32767',
    '-32767',
    '32768',
    '-32768',
    '2147483647',
    '2147483648',
    '-2147483647',
    '-2147483648',
  ),
  anyDate,
  timestamp,
  fc
    .uuid()
    .chain((text) =>
      fc.constantFrom(text, text, text.toUpperCase(), text.replace('-', ''), `${text.slice(0, -1)}g`),
    ),
  fc.stringMatching(/^[ a-zäöüß]{0,6}$/),
);
const nearEdges = fc.sample(NEAR, 600);

/** Numbers near the values of a float and near powers of two and ten, in all the ways that programs write them. */
const floats = (bits: number) => {
  const drawn =
    bits === 53
      ? fc.double({ noNaN: true, noDefaultInfinity: true })
      : fc.float({ noNaN: true, noDefaultInfinity: true });
  const near = fc
    .tuple(fc.constantFrom(2, 10), fc.integer({ min: -30, max: 25 }), fc.integer({ min: -3, max: 3 }))
    .map(([base, power, steps]) => base ** power * (1 + steps * 2 ** (1 - bits)));
  const value = fc.oneof(drawn, near, fc.double({ noNaN: true, min: -400, max: 400 }));
  return fc
    .tuple(value, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 5 }))
    .map(([number, most, form]) => {
      if (form === 0) return number.toPrecision(most);
      if (form === 1) return number.toExponential(most);
      if (form === 2) return number.toFixed(most);
      const text = String(bits === 53 ? number : Number(Math.fround(number).toPrecision(8)));
      return form === 3
        ? text
        : form === 4
          ? text.replace(/\d$/, String(most % 10))
          : text.replace('e', 'E+').replace('+-', '-');
    });
};

/** Numbers right below a power of two, where values are half as far apart as above it: a quarter of a step from one to the next. */
const belowPowers = (bits: number) =>
  Array.from({ length: 41 }, (_, at) => BigInt(at)).flatMap((power) =>
    Array.from({ length: 9 }, (_, quarters) => {
      const exact = ((2n ** BigInt(bits + 2) - BigInt(quarters)) * 10n ** 60n) << power;
      const text = (exact >> BigInt(bits + 22)).toString();
      const most = bits === 53 ? 17 : 9;
      return `${text.slice(0, most)}e${text.length - most - 60}`;
    }),
  );

describe('values of', () => {
  // Each has another of its kind in the short form.
  const IN_LONG = [
    'int2',
    'json',
    'numeric(3)',
    'numeric(2,4)',
    'time(1)',
    'timestamp(0)',
    'char(3)',
    'cidr',
    'float4',
  ];
  for (const [type, accepts] of TYPE_VALUES)
    it(type, inShortIf(!IN_LONG.includes(type)), () => {
      const target = targetOf(column('n', 'int4'), column('v', type));
      const line = (value: string, n: number) => `${n},${needsQuotes(value) ? quoted(value) : value}\n`;
      const file = (values: readonly string[]) => `n,v\n${values.map(line).join('')}`;
      // After a record in vain, the kernel waits; a plain one before each value makes it try again.
      const usual = accepts.filter((value) => !/[\n"]/.test(value));
      const tried = (values: readonly string[]) => file(values.flatMap((value) => [usual[0] ?? '', value]));
      // As a key too: its hash depends on the form of the value.
      for (const keys of [[], [keyOn('v')], [keyOn('n', 'v')]]) {
        same(tried(ALL_VALUES), { ...target, keys }, more);
        same(tried(ALL_VALUES.map((value) => ` ${value} `)), { ...target, keys }, more);
        same(tried(nearEdges), { ...target, keys }, more);
      }
      expect(same(file(usual), target, more)).toBe(usual.length);
    });

  it.each([
    ['interval', ['02:30', '1 day 02:03:04', 'P1DT2H'], ['-1 day', '1.5 days', 'x']],
    ['point', ['(1.5,-2)', '13.4,52.5'], ['(1 2)', '(1,x)', '(0.1,1e23)']],
    ['int4range', ['[1,5)', '(,)', '(3,]'], ['empty', '[5,1)', '[1,9999999999)', ' [1,5) ']],
  ])('%s, of which only usual values are written', (type, usual, others) => {
    const kind = type.endsWith('range') ? ('range' as const) : ('base' as const);
    const target = targetOf(column('n', 'int4'), columnOf('v', type, { type: { ...typeOf(type), kind } }));
    const file = (values: readonly string[]) =>
      `n,v\n${values.map((value) => `1,${needsQuotes(value) ? quoted(value) : value}\n`).join('')}`;
    for (const keys of [[], [keyOn('v')]])
      same(file(others.flatMap((value) => [usual[0]!, value])), { ...target, keys }, more);
    expect(same(file(usual), target, more)).toBe(usual.length);
  });

  it.each([
    ['float4', 24],
    ['float8', 53],
  ])('%s, many', (type, bits) => {
    const target = targetOf(column('n', 'int4'), column('v', type));
    fc.assert(
      fc.property(fc.array(floats(bits), { minLength: 200, maxLength: 200 }), (values) => {
        same(`n,v\n${values.map((value) => `1,1.5\n1,${value}\n`).join('')}`, target, more);
      }),
      { numRuns: sized(50, 2_000) },
    );
    const others = belowPowers(bits).flatMap((text) => [text, text.replace(/\de/, 'e')]);
    same(`n,v\n${others.map((value) => `1,1.5\n1,${value}\n`).join('')}`, target, more);
  });
});

it.each([
  ...[
    'x"y",b,1',
    '5" x 3",b,1',
    'a,"b"x,1',
    'a,"b" ,1',
    'a, "b",1',
    'a,"b""c",1',
    'a,"b,1',
    'a,"b\nc",1',
    'a,b",1',
  ],
  ...[
    'a,1',
    'a',
    'a,b,1,',
    'a,b,1,2',
    ',,',
    '"","",""',
    ' , ,1',
    ',,1',
    '"",,1',
    'a,"",1',
    '"a,b","c","1"',
    'a,b," 1 "',
  ],
  ...[
    '',
    ' ',
    '\t',
    ' a,b,1',
    'a\rb,b,1',
    'a,b,1\r',
    '\r',
    'a\0,b,1',
    'a,b\u00e4,1',
    `${'a'.repeat(994)},b,12`,
  ],
  ...[
    `${'a'.repeat(995)},b,12`,
    `${'a'.repeat(996)},b,12`,
    `${'ä'.repeat(300)},b,1`,
    'a,b,x',
    'a,,',
    'a,b,-1',
  ],
])('the record %j among plain ones', (record) => {
  const target = targetOf(column('a', 'text'), column('b', 'text'), column('c', 'int4'));
  const plain = 'p,q,7\n';
  for (const keys of [[], [keyOn('a', 'c')]])
    for (const lineEnd of ['\n', '\r\n']) {
      const text = `a,b,c\n${plain}${record}\n${plain}${plain}${record}\n${plain}`.replaceAll('\n', lineEnd);
      const layout: Layout = { fields: 3, lineEnd: lineEnd === '\n' ? 'lf' : 'crlf' };
      const count = same(text, { ...target, keys }, { layout });
      // A window with a NUL anywhere is read record by record.
      expect(count).toBeGreaterThan(record.includes('\0') ? -1 : 1);
    }
});

it('a batch ends with the record that fills its bytes', () => {
  const target = targetOf(column('a', 'text'), column('b', 'int4'));
  const text = `a,b\n${'some words,12345\n'.repeat(500)}`;
  const sizes = { layout: { fields: 2, lineEnd: 'lf' as const }, batchBytes: 3_000 };
  expect(same(text, target, sizes)).toBe(500);
  expect(read(text, target, true, sizes).batches.length).toBeGreaterThan(5);
});

it('a file of fixed records gets back what its report has changed', () => {
  const target = targetOf(column('a', 'text'), column('b', 'int4'));
  const text = `a,b,_line,_error,_cells\n${'\'=1,2,7,"no",1\n'.repeat(5)}`;
  const layout: Layout = { fields: 5, lineEnd: 'lf' };
  expect(same(text, target, { layout })).toBe(0);
  const [rows] = read(text, target, true, { layout }).batches[0]!.bytes;
  expect(rows).toContain(hex(Buffer.from('=1')));
  expect(rows).not.toContain(hex(Buffer.from("'=1")));
});

describe('drawn files', () => {
  const types = [
    'int2',
    'int4',
    'int8',
    'numeric(10,2)',
    'text',
    'varchar(3)',
    'char(3)',
    'date',
    'timestamptz',
    'boolean',
    'uuid',
  ];
  const good: Record<string, string[]> = Object.fromEntries(TYPE_VALUES);
  for (const type of ['text', 'varchar(3)', 'char(3)']) good[type] = ['abc', 'a', 'äöü', '日本語', ' a'];
  const rarely = (usual: string, ...others: string[]) =>
    fc.oneof(
      { arbitrary: fc.constant(usual), weight: 60 },
      { arbitrary: fc.constantFrom(...others), weight: 1 },
    );
  const value = (type: string) =>
    fc.oneof(
      { arbitrary: fc.constantFrom(...good[type]!), weight: 100 },
      { arbitrary: fc.constantFrom('', '', '', ' ', '0', '7', 'x'), weight: 3 },
      { arbitrary: fc.constantFrom(...ALL_VALUES), weight: 1 },
    );
  const written = (type: string) =>
    fc.tuple(value(type), rarely('as needed', 'always', 'always', 'always', 'padded')).map(([text, how]) => {
      if (how === 'always') return quoted(text);
      if (how === 'padded') return needsQuotes(text) ? ` ${quoted(text)}` : ` ${text} `;
      return needsQuotes(text) && text.trim() !== '' ? quoted(text) : text;
    });
  const drawn = fc
    .record({
      types: fc.array(fc.constantFrom(...types), { minLength: 1, maxLength: 6 }),
      lineEnd: fc.constantFrom('lf' as const, 'lf' as const, 'crlf' as const),
      chunk: fc.constantFrom(7, 64, 1_000, 1 << 20, 1 << 20),
      batchRows: fc.constantFrom(1, 3, 1_000),
      maxRecordBytes: fc.constantFrom(60, 1_000, 1_000),
      trailing: fc.constantFrom(0, 0, 0, 1),
      keyed: fc.constantFrom(0, 0, 1, 2),
      notNull: fc.boolean(),
      mode: fc.constantFrom(
        'plain' as const,
        'constant' as const,
        'default' as const,
        'quoted' as const,
        'missing' as const,
      ),
      footer: fc.option(fc.integer({ min: 2, max: 30 }), { nil: undefined, freq: 5 }),
    })
    .chain((how) => {
      const record = fc.tuple(
        fc.tuple(...how.types.map(written)),
        rarely('', ',', 'x', '\u00e4', '\\', '\0', '"'),
        rarely('own', '\n', '\r\n', '\r', '\n\n', '\n \t\n'),
      );
      return fc.record({
        how: fc.constant(how),
        records: fc.array(record, { minLength: 20, maxLength: 60 }),
      });
    });

  it('give the same batches', () => {
    let plain = 0;
    fc.assert(
      fc.property(drawn, ({ how, records }) => {
        const { types: of, lineEnd, trailing, keyed, notNull, mode, footer, ...sizes } = how;
        const own = lineEnd === 'lf' ? '\n' : '\r\n';
        const names = of.map((_, at) => `c${at}`);
        const columns = of.map((type, at) => column(names[at]!, type, { notNull: notNull && at === 0 }));
        if (mode === 'constant') columns.push(column('more', 'text'));
        const target = {
          ...targetOf(...columns),
          keys: keyed === 0 ? [] : [keyOn(...names.slice(0, keyed))],
        };
        const end = ','.repeat(trailing);
        const lines = records.map(
          ([fields, damage, ends]) => fields.join(',') + damage + end + (ends === 'own' ? own : ends),
        );
        const specs: Record<typeof mode, Spec['csvjobs'] | undefined> = {
          plain: undefined,
          constant: { constant: { more: 'so' } },
          default: { default: { c0: good[of[0]!]![0]! } },
          quoted: { quotedEmpty: 'text' },
          missing: undefined,
        };
        const spec: Spec | undefined =
          mode === 'missing'
            ? ({ fields: [], missingValues: ['', 'x'] } as unknown as Spec)
            : specs[mode] && ({ csvjobs: specs[mode] } as Spec);
        const layout: Layout = {
          fields: of.length + trailing,
          lineEnd,
          ...(footer && { footerLine: footer }),
        };
        plain += same(names.join(',') + end + own + lines.join(''), target, { ...sizes, layout, spec });
      }),
      { numRuns: 300 },
    );
    // Else this test shows nothing.
    expect(plain).toBeGreaterThan(1_000);
  });
});
