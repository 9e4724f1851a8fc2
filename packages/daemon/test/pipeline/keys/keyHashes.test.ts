/** Keys as hashes: the same for values that a type considers equal, and for no others. */
import { describe, expect, it } from 'vitest';
import { PayloadMemory } from '../../../src/pipeline/batch/memory.js';
import { fileKeys } from '../../../src/pipeline/keys/fileKeys.js';
import { KeyHashes } from '../../../src/pipeline/keys/keyHashes.js';
import { Fields } from '../../../src/pipeline/parse/fields.js';
import { rowPlan } from '../../../src/rows/rowPlan.js';
import { createRowReader } from '../../../src/rows/rowReader.js';
import { columnOf, targetOf } from '../../rows/targets.js';

const COLUMNS = [columnOf('a', 'integer'), columnOf('b', 'text'), columnOf('n', 'numeric')];

function hashesFor(columns: readonly string[], nullsNotDistinct = false) {
  const parts = columns.map((column) => ({ column, expression: column, deterministic: true }));
  const key = { name: 'k', primary: false, parts, columns: [...columns], predicate: null, deferrable: false };
  const target = { ...targetOf(...COLUMNS), keys: [{ ...key, nullsNotDistinct }] };
  const plan = rowPlan(target, undefined, ['a', 'b', 'n']);
  const reader = createRowReader(plan);
  const { compared } = fileKeys(target, plan);
  return new KeyHashes(compared, plan.columns, (fields, at) => reader.value(fields, at));
}

function fieldsOf(cells: readonly string[]): Fields {
  const fields = new Fields();
  fields.bytes = Buffer.from(cells.join(''));
  let at = 0;
  for (const cell of cells) {
    const end = at + Buffer.byteLength(cell);
    fields.add(at, end);
    at = end;
  }
  return fields;
}

/** Each record's pair. */
function pairs(hashes: KeyHashes, records: readonly (readonly string[])[]): string[] {
  for (const record of records) hashes.add(fieldsOf(record));
  const taken = Buffer.from(hashes.take(new PayloadMemory()));
  return records.map((_, at) => taken.subarray(at * 8, at * 8 + 8).toString('hex'));
}

describe('the hash of a key', () => {
  it('is that of its value, in any spelling', () => {
    const texts = ['7', '07', '+7', ' 7 ', '0007', '-7', '70'];
    const found = pairs(
      hashesFor(['a', 'n']),
      texts.map((text) => [text, '', '1.50']),
    );
    expect(new Set(found.slice(0, 5)).size).toBe(1);
    expect(new Set(found).size).toBe(3);
    const numbers = ['1.5', '1.50', '15e-1', '01.5', '1.05'].map((text) => ['7', '', text]);
    expect(new Set(pairs(hashesFor(['n']), numbers)).size).toBe(2);
  });

  it('distinguishes where one value ends and the next begins', () => {
    const found = pairs(hashesFor(['b', 'n']), [
      ['1', 'x1', '2'],
      ['1', 'x', '12'],
    ]);
    expect(new Set(found).size).toBe(2);
  });

  it('does not exist if a part is NULL, unless NULLs are equal', () => {
    const records = [
      ['', 'x', '1'],
      ['', 'x', '1'],
      ['1', '', '1'],
    ];
    expect(new Set(pairs(hashesFor(['a', 'b']), records))).toEqual(new Set(['0100000000000000']));
    const found = pairs(hashesFor(['a', 'b'], true), records);
    expect(new Set(found).size).toBe(2);
    expect(found[0]).toBe(found[1]);
  });

  it('is unique among similar keys', () => {
    const hashes = hashesFor(['a', 'b']);
    const fields = new Fields();
    fields.bytes = Buffer.alloc(16);
    fields.add(0, 0);
    fields.add(0, 0);
    for (let at = 0; at < 200_000; at++) {
      const length = fields.bytes.write(`${at % 1_000}${at}`, 'latin1');
      fields.ends[0] = String(at % 1_000).length;
      fields.starts[1] = fields.ends[0];
      fields.ends[1] = length;
      hashes.add(fields);
    }
    const { buffer, byteOffset } = hashes.take(new PayloadMemory());
    const numbers = new BigUint64Array(buffer, byteOffset, 200_000).slice().sort();
    expect(numbers.every((number, at) => at === 0 || number !== numbers[at - 1])).toBe(true);
    // Neither half alone repeats more often than expected by chance: 5 times.
    const halves = new Uint32Array(numbers.buffer);
    for (const half of [0, 1])
      expect(new Set(halves.filter((_, at) => at % 2 === half)).size).toBeGreaterThan(199_970);
  });
});
