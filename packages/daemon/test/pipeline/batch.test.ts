import { Readable } from 'node:stream';
import type { Customer } from '@csvjobs/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CopyText } from '../../src/pipeline/batch/copyText.js';
import { type EmailKey, emailKey } from '../../src/pipeline/batch/emailKey.js';
import { KeyFilter } from '../../src/pipeline/batch/keyFilter.js';
import { PayloadMemory } from '../../src/pipeline/batch/memory.js';
import { Batcher, type BatchOptions } from '../../src/pipeline/batch.js';
import { START } from '../../src/pipeline/checkpoint.js';
import { readCustomersHeader } from '../../src/pipeline/customersHeader.js';
import { keptIndex, keptRecord } from '../../src/pipeline/keptRecords.js';
import { knownEmails } from '../../src/pipeline/knownEmails.js';
import { Fields } from '../../src/pipeline/parse/fields.js';
import { chunked, copyLines, copyRows, ended, OPTIONS } from './support/run.js';

/** A batcher for a file with all columns. */
function begun(options: BatchOptions): Batcher {
  const batcher = new Batcher(options);
  batcher.begin(readCustomersHeader(['name', 'email', 'phone', 'company'], ','));
  return batcher;
}

/** Records with the given values. */
const NO_FIELDS = new Fields();
const NO_RECORD = {
  bytes: Buffer.from('a,b'),
  start: 0,
  end: 3,
  quoted: false,
  doubled: false,
  padded: false,
};

const value = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\\', '\t', '\n', '\r', 'N', '.', 'a', '\b', '\u000f', '\u0010'),
    fc.constantFrom('é', '☎', '😀'),
  ),
  maxLength: 20,
});

describe('COPY text', () => {
  it('preserves every value', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { maxLength: 5 }), (rows) => {
        const copy = new CopyText();
        for (const [one, two] of rows) {
          copy.texts([one, null]);
          copy.texts([two]);
          copy.endRow();
        }
        const taken = copy.take(new PayloadMemory());
        expect(taken.count).toBe(rows.length);
        expect(copyLines(taken.copy)).toEqual(rows.map(([one, two]) => [one, null, two]));
      }),
      { numRuns: 2000 },
    );
  });

  it('grows, and returns its own memory', () => {
    const copy = new CopyText();
    const long = 'ü\\'.repeat(100_000);
    copy.texts([long]);
    copy.endRow();
    const first = copy.take(new PayloadMemory());
    copy.texts(['x']);
    copy.endRow();
    expect(first.copy.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(copyLines(first.copy)).toEqual([[long]]);
    expect(copyLines(copy.take(new PayloadMemory()).copy)).toEqual([['x']]);
  });
});

describe('a batch', () => {
  const rejection = (rowNumber: number, text: string, message = 'm') =>
    [
      { rowNumber, line: rowNumber + 1, column: null, code: 'stray_quote', message },
      undefined,
      Buffer.from(text),
    ] as const;

  const batcher = (bounds: { batchRows: number; batchBytes: number; firstRows?: number }) =>
    begun({ jobId: OPTIONS.jobId, emails: new KeyFilter(1_000), ...bounds });
  const customer = (email: string): Customer => ({ name: 'a', email, phone: null, company: 'c' });

  it('is full by records or by bytes', () => {
    const byRows = batcher({ batchRows: 2, batchBytes: 1e6 });
    byRows.addCustomer(1, 2, customer('a@b.co'), NO_FIELDS, NO_RECORD);
    expect(byRows.full).toBe(false);
    byRows.reject(...rejection(2, 'x'));
    expect(byRows.full).toBe(true);
    const byBytes = batcher({ batchRows: 100, batchBytes: 2000 });
    byBytes.reject(...rejection(1, 'x'.repeat(500)));
    expect(byBytes.full).toBe(false);
    byBytes.reject(...rejection(2, 'x'.repeat(500)));
    expect(byBytes.full).toBe(true);
  });

  it('starts with few records and doubles up to its limit', () => {
    const one = batcher({ batchRows: 10, batchBytes: 1e6, firstRows: 2 });
    let rowNumber = 0;
    const sizes = Array.from({ length: 5 }, () => {
      while (!one.full) one.reject(...rejection(++rowNumber, 'x'));
      return one.take(START).rejects.count;
    });
    expect(sizes).toEqual([2, 4, 8, 10, 10]);
  });

  it('is empty again after it was taken', () => {
    const one = batcher({ batchRows: 10, batchBytes: 1e6 });
    one.reject(...rejection(1, 'x', 'a fault'));
    one.addCustomer(2, 3, customer('a@b.co'), NO_FIELDS, NO_RECORD);
    const checkpoint = { byteOffset: 1, line: 2, rowNumber: 3 };
    const batch = one.take(checkpoint);
    expect(batch).toMatchObject({ direct: { count: 1 }, suspects: { count: 0 }, rejects: { count: 1 } });
    expect(batch.reasons).toEqual({ 'a fault': 1 });
    expect(batch.kept.count).toBe(1);
    expect(keptRecord(batch.kept, keptIndex(batch.kept, 2))).toMatchObject({ rowNumber: 2, line: 3 });
    expect(batch.checkpoint).toBe(checkpoint);
    expect(one.empty).toBe(true);
    expect(one.take(checkpoint)).toMatchObject({
      direct: { count: 0, copy: new Uint8Array(0) },
      suspects: { count: 0, copy: new Uint8Array(0) },
      rejects: { count: 0, copy: new Uint8Array(0) },
      reasons: {},
    });
  });

  it('suspects every repeated e-mail, in any case, across batches', () => {
    const one = batcher({ batchRows: 10, batchBytes: 1e6 });
    const emails = [
      'ann@b.co',
      'bob@b.co',
      'ANN@B.co',
      'x@m\u00fcnchen.de',
      'k@\u212a.de',
      'K@k.de',
      'cy@b.co',
    ];
    const taken = emails.map((email, index) => {
      one.addCustomer(index + 1, index + 2, customer(email), NO_FIELDS, NO_RECORD);
      const { direct, suspects } = one.take(START);
      expect(direct.count + suspects.count).toBe(1);
      return suspects.count === 1;
    });
    // PostgreSQL folds non-ASCII letters (the Kelvin sign is a k): these are always suspects, and match ASCII
    // ones.
    expect(taken).toEqual([false, false, true, true, true, true, false]);
  });

  it('sorts rows by e-mail and gives them increasing IDs', () => {
    const begun = Date.now();
    const one = batcher({ batchRows: 1000, batchBytes: 1e6 });
    const names = Array.from(
      { length: 100 },
      (_, index) => `${String.fromCharCode(97 + ((index * 7) % 26))}${index}`,
    );
    for (const [index, name] of [...names, ...names].entries())
      one.addCustomer(
        index + 1,
        index + 2,
        customer(`${index < 100 ? name : name.toUpperCase()}@b.co`),
        NO_FIELDS,
        NO_RECORD,
      );
    const { direct, suspects } = one.take(START);
    const rows = copyRows(direct.copy);
    const initials = rows.map(({ values }) => values[1]![0]);
    expect(initials).toEqual([...initials].sort());
    // The same e-mails in capitals.
    const again = copyRows(suspects.copy);
    expect(again.map(({ rowNumber }) => rowNumber - 100)).toEqual(rows.map(({ rowNumber }) => rowNumber));
    const ids = rows.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
    // RFC 9562: version 7, variant 10, the current time.
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    const times = ids.map((id) => Number.parseInt(id.slice(0, 12), 16));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(begun);
    expect(Math.max(...times)).toBeLessThanOrEqual(Date.now());
    expect(new Set(rows.map(({ jobId }) => jobId))).toEqual(new Set([OPTIONS.jobId.replaceAll('-', '')]));
  });
});

describe('the e-mail filter', () => {
  it('has no false negatives, and few false positives', () => {
    const filter = new KeyFilter(100_000);
    const key: EmailKey = { hash: 0, otherHash: 0, order: 0 };
    const add = (email: string) => {
      const bytes = Buffer.from(email);
      emailKey(bytes, 0, bytes.length, key);
      return filter.add(key);
    };
    let mistaken = 0;
    for (let index = 0; index < 100_000; index++) if (add(`user${index}@example.com`)) mistaken++;
    for (let index = 0; index < 100_000; index++) expect(add(`USER${index}@Example.com`)).toBe(true);
    expect(mistaken).toBeLessThan(500);
  });

  it('learns the table’s e-mails, however the chunks are cut', async () => {
    const known = ['ann@b.co', 'Bob@B.co', 'cy@b.co', '\u212a@k.de'];
    const text = Buffer.from(known.map((email) => `${email}\n`).join(''));
    for (const size of [1, 2, 3, 7, 100]) {
      const filter = new KeyFilter(10);
      await knownEmails(Readable.from(chunked(text, size)), (key) => filter.add(key));
      const one = new Batcher({ ...OPTIONS, emails: filter });
      for (const email of ['ANN@b.co', 'bob@b.co', 'cy@b.co', 'k@k.de', 'new@b.co'])
        one.addCustomer(1, 2, customer(email), NO_FIELDS, NO_RECORD);
      expect(one.take(START)).toMatchObject({ direct: { count: 1 }, suspects: { count: 4 } });
    }
    function customer(email: string): Customer {
      return { name: 'a', email, phone: null, company: 'c' };
    }
  });
});

describe('payload memory', () => {
  const customer = (row: number) => ({ name: `N${row}`, email: `e${row}@b.co`, phone: null, company: 'C' });
  const filled = (batcher: Batcher, from: number, rows: number) => {
    for (let row = from; row < from + rows; row++)
      batcher.addCustomer(row, row + 1, customer(row), NO_FIELDS, NO_RECORD);
    const rejected = {
      rowNumber: from + rows,
      line: from + rows + 1,
      column: null,
      code: 'required' as const,
    };
    batcher.reject({ ...rejected, message: `row ${from + rows}` }, undefined, Buffer.from('x'));
    return batcher.take(START);
  };
  const names = (batch: Parameters<typeof ended>[0][number]) =>
    ended([batch]).map(({ values, reject }) => values?.[0] ?? reject?.message);

  it('is reused after it is released, but not before', () => {
    const memory = new PayloadMemory();
    const batcher = begun({ ...OPTIONS, emails: new KeyFilter(100), memory });
    const first = filled(batcher, 1, 9);
    const second = filled(batcher, 11, 9);
    memory.giveBack([first.direct.copy, first.suspects.copy, first.rejects.copy, first.kept.places]);
    const third = filled(batcher, 21, 5);
    expect(names(second)).toEqual([...Array.from({ length: 9 }, (_, at) => `N${11 + at}`), 'row 20']);
    expect(names(third)).toEqual(['N21', 'N22', 'N23', 'N24', 'N25', 'row 26']);
    const places = [first, second, third].map(({ direct }) => direct.copy.buffer);
    expect(places[1]).not.toBe(places[2]);
    const given = [first.direct.copy, first.rejects.copy, first.kept.places].map(({ buffer }) => buffer);
    expect(given).toContain(places[2]);
  });
});
