/** Rows of a batch against rows of the table, in pieces of any size. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SIGNATURE, TRAILER } from '../../../src/pipeline/batch/binaryCopy.js';
import { RowComparison } from '../../../src/pipeline/target/rowComparison.js';

type Row = readonly [key: number, text: string | null];

function field(bytes: Buffer | null): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes?.length ?? -1);
  return Buffer.concat([length, bytes ?? Buffer.alloc(0)]);
}

function int4(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
}

/** A row whose key is its last column, so that the text before it moves the key. */
const rowOf = ([key, text]: Row) =>
  Buffer.concat([Buffer.from([0, 2]), field(text === null ? null : Buffer.from(text)), field(int4(key))]);
const keyOf = ([key]: Row) => Buffer.concat([Buffer.from([0, 1]), field(int4(key))]);

function payload(rows: readonly Buffer[]): Buffer {
  return Buffer.concat([SIGNATURE, ...rows, TRAILER]);
}

/** Compares rows with those of a table that sends pieces of these sizes, the last one as often as needed. */
function compared(
  file: readonly Row[],
  table: Buffer,
  pieces: readonly number[],
  whole = true,
): RowComparison {
  const rows = file.map(rowOf);
  let end = 0;
  const ends = Uint32Array.from(rows, ({ length }) => {
    end += length;
    return end;
  });
  const comparison = new RowComparison({
    ...{ bytes: Buffer.concat(rows), ends, keyAt: [1], signed: [true], whole },
  });
  for (let at = 0, piece = 0; at < table.length; piece++) {
    const size = pieces[Math.min(piece, pieces.length - 1)]!;
    // In memory of its own, which is used again.
    const bytes = Buffer.from(table.subarray(at, at + size));
    comparison.see(bytes);
    bytes.fill(0xee);
    at += size;
  }
  return comparison;
}

const found = (comparison: RowComparison) => [...comparison.found];
const ROWS: Row[] = [
  [-70_000, 'a'],
  [-2, null],
  [-1, ''],
  [0, 'é'],
  [3, 'b'.repeat(300)],
  [70_000, 'c'],
];

describe('rows', () => {
  it('are found if all their values are equal', () => {
    expect(found(compared(ROWS, payload(ROWS.map(rowOf)), [10_000]))).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('are not found if they are changed or new, and the others are, also after rows that the file lacks', () => {
    const table: Row[] = [[-80_000, 'x'], ROWS[0]!, [-2, ''], ROWS[2]!, [1, 'x'], [2, 'x'], ROWS[4]!];
    const comparison = compared(ROWS, payload(table.map(rowOf)), [10_000]);
    expect(found(comparison)).toEqual([1, 0, 1, 0, 1, 0]);
    expect(comparison.count).toBe(3);
  });

  it('are found by their keys alone if the table sends only these', () => {
    const table: Row[] = [ROWS[0]!, [-2, 'another'], [1, 'x'], ROWS[4]!];
    expect(found(compared(ROWS, payload(table.map(keyOf)), [10_000], false))).toEqual([1, 1, 0, 0, 1, 0]);
  });

  it('of a table without any are not found', () => {
    expect(found(compared(ROWS, payload([]), [3]))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('after one of more than a MiB are not compared', () => {
    const table: Row[] = [ROWS[0]!, [-2, 'x'.repeat(2 * 1024 * 1024)], ...ROWS.slice(2)];
    expect(found(compared(ROWS, payload(table.map(rowOf)), [64 * 1024]))).toEqual([1, 0, 0, 0, 0, 0]);
  });
});

it('finds exactly the equal rows of sorted ones, in pieces of any size', () => {
  const text = fc.option(fc.string({ maxLength: 9, unit: 'grapheme' }));
  const rows = fc.uniqueArray(fc.tuple(fc.integer({ min: -20, max: 20 }), text), {
    selector: ([key]) => key,
    maxLength: 30,
  });
  const sizes = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 4 });
  const byKey = (some: readonly Row[]) => [...some].sort(([a], [b]) => a - b);
  fc.assert(
    fc.property(
      rows,
      rows,
      fc.func(fc.boolean()),
      sizes,
      fc.boolean(),
      (mine, others, isEqual, pieces, whole) => {
        const file = byKey(mine);
        // Some rows of the table are those of the file.
        const table = byKey(
          others.map((row) => (isEqual(row) ? (file.find(([key]) => key === row[0]) ?? row) : row)),
        );
        const bytes = payload(table.map(whole ? rowOf : keyOf));
        const expected = file.map(([key, value]) =>
          table.some((other) => other[0] === key && (!whole || other[1] === value)) ? 1 : 0,
        );
        expect(found(compared(file, bytes, pieces, whole))).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});

it('finds no row that is not equal, in any order', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom(null, '', 'a', 'b')), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(rows, rows, (file, table) => {
      const marks = found(compared(file, payload(table.map(rowOf)), [50]));
      for (const [at, [key, value]] of file.entries())
        if (marks[at] === 1) expect(table.some((row) => row[0] === key && row[1] === value)).toBe(true);
    }),
  );
});
