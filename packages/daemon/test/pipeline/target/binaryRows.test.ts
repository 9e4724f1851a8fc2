/** Binary payloads: selecting columns and rows. */
import { expect, it } from 'vitest';
import { PayloadMemory } from '../../../src/pipeline/batch/memory.js';
import { projectRows, takeBinary, withoutRows } from '../../../src/pipeline/target/binaryRows.js';

const memory = new PayloadMemory();

function rowOf(...values: (string | null)[]): Buffer {
  const parts = values.map((value) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value === null ? -1 : Buffer.byteLength(value));
    return Buffer.concat([length, Buffer.from(value ?? '')]);
  });
  return Buffer.concat([Buffer.from([0, values.length]), ...parts]);
}

function payloadOf(rows: readonly Buffer[]): { ends: Uint32Array; copy: Uint8Array; count: number } {
  let end = 0;
  const ends = Uint32Array.from(rows, (row) => {
    end += row.length;
    return end;
  });
  return { ends, ...takeBinary(memory, rows.length, Buffer.concat(rows)) };
}

const ROWS = [rowOf('1', null, 'abc'), rowOf('22', 'x', ''), rowOf(null, '', 'é')];

it('keeps the selected columns of each row, including NULL and empty values', async () => {
  const { ends, ...rows } = payloadOf(ROWS);
  const narrow = await projectRows(rows, ends, [0, 2], memory);
  const wanted = payloadOf([rowOf('1', 'abc'), rowOf('22', ''), rowOf(null, 'é')]);
  expect([narrow.count, Buffer.from(narrow.copy)]).toEqual([3, Buffer.from(wanted.copy)]);
});

it.each([[[]], [[0]], [[1]], [[2]], [[0, 1]], [[1, 2]], [[0, 1, 2]]])('omits the rows %j', (without) => {
  const { ends, ...rows } = payloadOf(ROWS);
  const left = withoutRows(rows, ends, without, memory);
  const kept = ROWS.filter((_, at) => !without.includes(at as never));
  const { copy } = kept.length > 0 ? payloadOf(kept) : { copy: undefined };
  expect(left.count).toBe(kept.length);
  if (copy) expect(Buffer.from(left.copy)).toEqual(Buffer.from(copy));
});
