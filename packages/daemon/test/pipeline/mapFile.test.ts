/**
 * Which field of a file fills which column: the same as in a load, with samples, and with guesses kept apart.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type MappingAnswer, mappingAnswerSchema, readSpec, type SpecInput } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile } from '../../src/pipeline/checkFile.js';
import { type MapTask, mapFile } from '../../src/pipeline/mapFile.js';
import { columnOf, targetOf } from '../rows/targets.js';

const LIMITS = { maxRecordBytes: 100_000, maxDecodedBytes: 1e9, batchRows: 1, batchBytes: 1 };
const TARGET = targetOf(
  columnOf('id', 'integer', { notNull: true }),
  columnOf('placed', 'date'),
  columnOf('customer_name', 'text', { notNull: true }),
  columnOf('note', 'text'),
  columnOf('total', 'numeric', { generated: 'stored', insertable: false }),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-map-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function taskOf(bytes: Uint8Array | string, spec?: SpecInput): Promise<MapTask> {
  const path = join(folder, randomUUID());
  await writeFile(path, bytes);
  const into = { target: TARGET, spec: spec && readSpec(spec) };
  return { path, overrides: {}, limits: LIMITS, maxUploadBytes: 1e9, into };
}

async function answer(bytes: Uint8Array | string, spec?: SpecInput): Promise<MappingAnswer> {
  return mappingAnswerSchema.parse(await mapFile(await taskOf(bytes, spec)));
}

async function mapped(bytes: Uint8Array | string, spec?: SpecInput) {
  const found = await answer(bytes, spec);
  if (found.type !== 'mapped') throw new Error(`${found.code}: ${found.message}`);
  return found;
}

async function columns(bytes: string, spec?: SpecInput) {
  const found = await mapped(bytes, spec);
  return Object.fromEntries(found.columns.map(({ column, ...rest }) => [column, rest]));
}

describe('the mapping', () => {
  it('is that of a load: exact, similar, by alias, by the spec; read-only columns are omitted', async () => {
    const spec = {
      csvjobs: { aliases: { placed: ['Day'] }, combine: { note: ['a', 'b'] }, default: { note: '-' } },
    };
    expect(await columns('id,Customer Name,Day,a,b,total\n1,x,2024-01-01,,,\n', spec)).toEqual({
      id: {
        from: { kind: 'field', position: 0 },
        match: 'exact',
        named: [0],
        default: null,
        suggestion: null,
      },
      customer_name: {
        from: { kind: 'field', position: 1 },
        match: 'folded',
        named: [1],
        default: null,
        suggestion: null,
      },
      placed: {
        from: { kind: 'field', position: 2 },
        match: 'alias',
        named: [2],
        default: null,
        suggestion: null,
      },
      note: {
        from: { kind: 'fields', positions: [3, 4], join: 'blank' },
        match: 'spec',
        named: [],
        default: '-',
        suggestion: null,
      },
    });
  });

  it('a default without a field is not a source; the field of a name is found behind the spec too', async () => {
    const spec = { csvjobs: { default: { note: '-' }, constant: { placed: '2024-01-01' } } };
    const found = await columns('id,customer_name,placed\n1,x,\n', spec);
    expect(found.note).toMatchObject({ from: null, match: null, default: '-' });
    expect(found.placed).toMatchObject({ from: { kind: 'constant' }, match: 'spec', named: [2] });
  });

  it('reports what a load would be refused for, without refusing', async () => {
    const found = await mapped('number,customer_name\n1,x\n');
    expect(found.faults.join()).toContain('missing column: id');
    expect((await mapped('id,customer_name,x\n1,x,\n')).faults).toEqual([]);
    expect((await mapped('id,customer_name,x\n1,x,\n')).notices).toEqual(['ignored field: x']);
  });

  it('accepts more fields than a table has columns', async () => {
    const names = Array.from({ length: 2_000 }, (_, at) => `f${at}`);
    const { fields, faults } = await mapped(`${names}\n${names}\n`);
    expect(fields.length).toBe(2_000);
    expect(faults.join()).toContain('missing columns: id, customer_name');
  });

  it.each([
    ['', 'file_empty'],
    ['PK\u0003\u0004\0\0\0\0', 'file_not_text'],
  ])('%j is refused like in an upload', async (text, code) => {
    expect(await answer(text)).toMatchObject({ type: 'refused', code });
  });
});

it('customers are mapped by their usual names, without naming a table', async () => {
  const task = { ...(await taskOf('Organisation,mail,x,Full Name\nACME,a@x.io,1,Ann\n')), into: undefined };
  const found = mappingAnswerSchema.parse(await mapFile(task));
  if (found.type !== 'mapped') throw new Error(found.message);
  expect(found.columns.map(({ column, from, match }) => [column, from, match])).toEqual([
    ['name', { kind: 'field', position: 3 }, 'known'],
    ['email', { kind: 'field', position: 1 }, 'known'],
    ['phone', null, null],
    ['company', { kind: 'field', position: 0 }, 'known'],
  ]);
  expect(found).toMatchObject({ faults: [], notices: ['ignored columns: x'] });
});

describe('a guess', () => {
  const suggestion = async (header: string, values: string, column: string) =>
    (await columns(`${header}\n${values}\n`))[column]!.suggestion;

  it.each([
    ['misspelt', 'id,Custommer Name', '1,x', 'customer_name', 1],
    ['more words', 'id,Full customer name', '1,x', 'customer_name', 1],
    ['fewer words', 'id,Customer', '1,x', 'customer_name', 1],
    ['the better of two matches', 'id,Customer,custmer name', '1,x,y', 'customer_name', 2],
    ['within a word', 'id,placedon', '1,2024-01-01', 'placed', 1],
    ['nothing alike', 'id,foo', '1,x', 'customer_name', null],
    ['a value of another type', 'id,date placed', '1,soon', 'placed', null],
    ['the field of another column', 'id,note', '1,x', 'customer_name', null],
    ['a duplicate name', 'id,Customer,Customer', '1,x,y', 'customer_name', null],
  ])('%s', async (_name, header, values, column, position) => {
    expect(await suggestion(header, values, column)).toBe(position);
  });
});

describe('samples', () => {
  it('are the first distinct values of the first records, trimmed, and cut at characters', async () => {
    const rows = Array.from(
      { length: 1_200 },
      (_, at) => `${at % 3},${at < 1_000 ? '' : 'late'}, ${'é'.repeat(200)} `,
    );
    const { fields } = await mapped(`id,customer_name,note\n${rows.join('\n')}\n`);
    expect(fields).toEqual([
      { name: 'id', samples: ['0', '1', '2'] },
      { name: 'customer_name', samples: [] },
      { name: 'note', samples: ['é'.repeat(80)] },
    ]);
  });

  it('are read like the file: compressed, in another encoding, with another delimiter', async () => {
    const text = 'id;customer_name\n1;Zoë\n2;"a;b"\n';
    for (const bytes of [
      gzipSync(text),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(text, 'latin1'),
    ]) {
      const { fields } = await mapped(bytes);
      expect(fields[1]).toEqual({ name: 'customer_name', samples: ['Zoë', 'a;b'] });
    }
  });
});

describe('a check of the first records', () => {
  async function checked(text: string, first: number | undefined) {
    const events = [];
    for await (const event of checkFile({ ...(await taskOf(text)), first })) events.push(event);
    return events.at(-1);
  }
  const file = (rows: number, row: (at: number) => string) =>
    `id,customer_name\n${Array.from({ length: rows }, (_, at) => row(at)).join('\n')}\n`;
  /** More than a chunk of the file: what follows is not read. */
  const long = file(400_000, (at) => (at < 99_000 ? `${at},${at % 100 === 0 ? '' : 'x'}` : 'not,a,record'));

  it.each([
    [1, 1],
    [100, 1],
    [10_000, 100],
    [10_001, 101],
  ])('of %i: %i are rejected, and nothing after them counts', async (first, failedCount) => {
    expect(await checked(long, first)).toMatchObject({ type: 'checked', totalRows: first, failedCount });
  });

  it('of more than there are is the check of all', async () => {
    const short = file(50, (at) => `${at},${at % 10 === 0 ? '' : 'x'}`);
    expect(await checked(short, 1_000)).toEqual(await checked(short, undefined));
  });

  it('a record cut off where reading ends affects no other', async () => {
    const padded = file(200_000, (at) => `${at},x${'y'.repeat(at % 13)},`);
    expect(await checked(padded, 5)).toMatchObject({ totalRows: 5, failedCount: 0 });
  });
});
