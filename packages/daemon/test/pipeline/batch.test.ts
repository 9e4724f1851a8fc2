import { PREVIEW_LIMIT, type Rejection } from '@csvjobs/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CopyText } from '../../src/pipeline/batch/copyText.js';
import { Batcher } from '../../src/pipeline/batch.js';
import { copyLines } from './support/run.js';

const value = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\\', '\t', '\n', '\r', 'N', '.', 'a', '\b', '\u000f', '\u0010'),
    fc.constantFrom('é', '☎', '😀'),
  ),
  maxLength: 20,
});

describe('COPY text', () => {
  it('gives every value back, written from bytes at any place or from strings', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { maxLength: 5 }), fc.nat(5), (rows, before) => {
        const copy = new CopyText();
        for (const [one, two] of rows) {
          const bytes = Buffer.from(`${'\\'.repeat(before)}${one}\\`);
          copy.integer(7);
          copy.bytes(bytes, before, bytes.length - 1);
          copy.null();
          copy.texts([two, null]);
          copy.endRow();
        }
        const taken = copy.take();
        expect(taken.count).toBe(rows.length);
        expect(copyLines(taken.copy)).toEqual(rows.map(([one, two]) => ['7', one, null, two, null]));
      }),
      { numRuns: 2000 },
    );
  });

  it('writes whole numbers of every length', () => {
    const numbers = [0, 1, 9, 10, 99, 100, 1_234_567, 2 ** 31 - 1, 2 ** 31, 10 ** 15];
    const copy = new CopyText();
    for (const number of numbers) {
      copy.integer(number);
      copy.endRow();
    }
    expect(copyLines(copy.take().copy)).toEqual(numbers.map((number) => [String(number)]));
  });

  it('loses nothing while it grows', () => {
    const copy = new CopyText();
    const text = Buffer.from('abcdefghij'.repeat(1000));
    for (let row = 0; row < 100; row++) {
      if (row >= 50) copy.bytes(text, row, text.length);
      else {
        copy.jsonText(text, row, text.length);
        copy.endField();
      }
      copy.endRow();
    }
    expect(copyLines(copy.take().copy)).toEqual(
      Array.from({ length: 100 }, (_, row) => [text.toString('utf8', row)]),
    );
  });

  it('grows, and hands on memory of its own', () => {
    const copy = new CopyText();
    const long = 'ü\\'.repeat(100_000);
    copy.texts([long]);
    copy.endRow();
    const first = copy.take();
    copy.bytes(Buffer.from(long), 0, Buffer.byteLength(long));
    copy.endRow();
    expect(first.copy.buffer.byteLength).toBe(first.copy.length);
    expect(copyLines(first.copy)).toEqual([[long]]);
    expect(copyLines(copy.take().copy)).toEqual([[long]]);
  });
});

describe('a batch', () => {
  const rejection = (rowNumber: number, text: string): Rejection => ({
    rowNumber,
    line: rowNumber + 1,
    column: null,
    code: 'stray_quote',
    message: 'm',
    row: { raw: text },
  });

  it('is full by records or by bytes', () => {
    const byRows = new Batcher({ batchRows: 2, batchBytes: 1e6 });
    byRows.addCustomer(1, 2, { name: 'a', email: 'b', phone: null, company: 'c' });
    expect(byRows.full).toBe(false);
    byRows.reject(rejection(2, 'x'));
    expect(byRows.full).toBe(true);
    const byBytes = new Batcher({ batchRows: 100, batchBytes: 1000 });
    byBytes.reject(rejection(1, 'x'.repeat(500)));
    expect(byBytes.full).toBe(false);
    byBytes.reject(rejection(2, 'x'.repeat(500)));
    expect(byBytes.full).toBe(true);
  });

  it('carries the first rejections as a preview, and starts again empty', () => {
    const batcher = new Batcher({ batchRows: 1e6, batchBytes: 1e9 });
    for (let row = 1; row <= PREVIEW_LIMIT + 5; row++) batcher.reject(rejection(row, 'x'));
    const checkpoint = { byteOffset: 1, line: 2, rowNumber: 3 };
    const batch = batcher.take(checkpoint);
    expect(batch.preview.map(({ rowNumber }) => rowNumber)).toEqual(
      Array.from({ length: PREVIEW_LIMIT }, (_, index) => index + 1),
    );
    expect(batch.rejects.count).toBe(PREVIEW_LIMIT + 5);
    expect(batch.checkpoint).toBe(checkpoint);
    expect(batcher.empty).toBe(true);
    expect(batcher.take(checkpoint)).toMatchObject({
      preview: [],
      rows: { count: 0 },
      rejects: { count: 0 },
    });
  });
});
