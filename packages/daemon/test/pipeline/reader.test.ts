/**
 * @module-tag sized
 */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { KeyFilter } from '../../src/pipeline/batch/keyFilter.js';
import { PayloadMemory } from '../../src/pipeline/batch/memory.js';
import type { Batch } from '../../src/pipeline/batch.js';
import { customersHeader } from '../../src/pipeline/headerRule.js';
import { batchReader } from '../../src/pipeline/reader.js';
import { Survey } from '../../src/pipeline/survey.js';
import { sized } from '../support/form.js';
import { csvText, damaged, splitBy, splits } from './support/arbitrary.js';
import { oracleRecords, oracleRows } from './support/oracle.js';
import { chunked, ended, layoutOf, OPTIONS, originalsOf, readAll } from './support/run.js';

const limits = fc.constantFrom(1000, 40, 27);
const RUNS = { numRuns: sized(60, 1_500) };
/** The slow reader supports no footer; footers are tested in lines.test.ts. */
const dialect = { footer: 0 };

/**
 * Nor does the slow reader support a header further down: if it finds none, the first record counts as the
 * header.
 */
function headerFirst(text: Uint8Array, maxRecordBytes: number): { headerRows: number[] } {
  const [first] = oracleRecords(text, { delimiter: ',', maxRecordBytes });
  return { headerRows: [first?.line ?? 1] };
}

describe('from text to batches', () => {
  it('handles every record like the slow reader, whatever the text and its chunks', () => {
    fc.assert(
      fc.property(fc.oneof(csvText, damaged), splits, limits, (text, sizes, maxRecordBytes) => {
        const wanted = oracleRows(text, { delimiter: ',', maxRecordBytes });
        const read = (said = {}) =>
          ended(
            readAll(splitBy(text, sizes), { maxRecordBytes, batchRows: 3, dialect: { ...dialect, ...said } }),
          );
        if (wanted === undefined) {
          expect(() => read(headerFirst(text, maxRecordBytes))).toThrow();
          return;
        }
        const got = read();
        expect(
          got.map(({ rowNumber, line, values, reject }) => ({ rowNumber, line, values, code: reject?.code })),
        ).toEqual(
          wanted.map((row) => ({
            rowNumber: row.rowNumber,
            line: row.line,
            values: 'values' in row ? row.values : undefined,
            code: 'code' in row ? row.code : undefined,
          })),
        );
        for (const [index, row] of wanted.entries()) {
          const reject = got[index]?.reject;
          if (!('code' in row) || reject === undefined) continue;
          if (row.faults !== undefined) expect(reject.message).toBe(row.faults.join('; '));
          else expect(reject.message).not.toMatch(/^line /);
          const { raw, ...cells } = reject.row;
          expect(cells).toEqual(row.row ?? {});
          expect(raw === undefined).toBe(row.faults !== undefined);
        }
      }),
      RUNS,
    );
  });

  it('returns every rejected record as it is in the file', () => {
    fc.assert(
      fc.property(fc.oneof(csvText, damaged), splits, (text, sizes) => {
        const bytes = Buffer.from(text);
        const starts = [0];
        for (let at = 0; at < bytes.length; at++)
          if (bytes[at] === 0x0a || (bytes[at] === 0x0d && bytes[at + 1] !== 0x0a)) starts.push(at + 1);
        let found: ReturnType<typeof originalsOf>;
        try {
          found = originalsOf(readAll(splitBy(text, sizes), { batchRows: 3 }));
        } catch {
          return;
        }
        for (const { line, original } of found) {
          const start = starts[line - 1]!;
          expect(bytes.subarray(start, start + original.length)).toEqual(original);
          const behind = bytes[start + original.length];
          if (original.length < 8_000) expect([undefined, 0x0a, 0x0d]).toContain(behind);
        }
      }),
      RUNS,
    );
  });

  it('counts in the survey what the full read numbers', () => {
    fc.assert(
      fc.property(damaged, splits, limits, (text, sizes, maxRecordBytes) => {
        const wanted = oracleRows(text, { delimiter: ',', maxRecordBytes });
        const said = wanted === undefined && headerFirst(text, maxRecordBytes);
        const survey = new Survey({
          delimiter: ',',
          dialect: { ...dialect, ...said },
          maxRecordBytes,
          rule: customersHeader(undefined),
        });
        const count = () => {
          for (const chunk of splitBy(text, sizes)) survey.push(chunk);
          return survey.end().totalRows;
        };
        if (wanted === undefined) expect(count).toThrow();
        else expect(count()).toBe(wanted.length);
      }),
      RUNS,
    );
  });

  it('makes the same batches at every chunk size', () => {
    fc.assert(
      fc.property(damaged, splits, limits, (text, sizes, maxRecordBytes) => {
        const options = { maxRecordBytes, batchRows: 2, batchBytes: 150 };
        const attempt = (chunks: Uint8Array[]) => {
          try {
            return contents(readAll(chunks, options));
          } catch (error) {
            return String(error);
          }
        };
        expect(attempt(splitBy(text, sizes))).toEqual(attempt([text]));
      }),
      RUNS,
    );
  });

  it('resumes at the checkpoint of any batch with exactly the rest', () => {
    fc.assert(
      fc.property(damaged, splits, limits, (text, sizes, maxRecordBytes) => {
        if (oracleRows(text, { delimiter: ',', maxRecordBytes }) === undefined) return;
        const options = { maxRecordBytes, batchRows: 2 };
        const batches = readAll([text], options);
        const layout = layoutOf([text], options);
        const first = batchReader({ ...OPTIONS, emails: new KeyFilter(1), ...options, layout });
        for (const _ of [first.push(text), first.end()].flatMap((batches) => [...batches]));
        const { header } = first;
        for (const [index, { checkpoint }] of batches.entries()) {
          const rest = splitBy(text.slice(checkpoint.byteOffset), sizes);
          const resumed = readAll(rest, { ...options, layout, checkpoint, ...(header && { header }) });
          expect(contents(resumed)).toEqual(contents(batches.slice(index + 1)));
        }
      }),
      { numRuns: sized(100, 1_000) },
    );
  });

  it('makes a batch on request, however many a chunk has', () => {
    const text = Buffer.from(`name,email,company\n${'x\n'.repeat(100)}`);
    const memory = new PayloadMemory();
    const taken = vi.spyOn(memory, 'take');
    const layout = layoutOf([text]);
    const reader = batchReader({ ...OPTIONS, emails: new KeyFilter(1), batchRows: 10, layout, memory });
    const batches = reader.push(text);
    const perBatch = () => {
      taken.mockClear();
      expect(batches.next().value).toMatchObject({ rejects: { count: 10 } });
      return taken.mock.calls.length;
    };
    const first = perBatch();
    for (let batch = 1; batch < 10; batch++) expect(perBatch()).toBe(first);
    expect(batches.next().done).toBe(true);
    expect([...reader.end()]).toEqual([]);
  });

  it('refuses a checkpoint after the start without the header', () => {
    const checkpoint = { byteOffset: 10, line: 2, rowNumber: 0 };
    const options = { ...OPTIONS, layout: { fields: 4 }, emails: new KeyFilter(1), checkpoint };
    expect(() => batchReader(options)).toThrow('needs the header');
  });
});

/** The content of each batch; IDs are random, and what is suspect depends on earlier e-mails. */
function contents(batches: readonly Batch[]) {
  return batches.map((batch) => ({ records: ended([batch]), checkpoint: batch.checkpoint }));
}

describe('the result of a record', () => {
  const header = 'name,email,phone,company\n';
  const cases: [string, string, unknown][] = [
    ['a valid one', 'Ann,a@b.co,12,Acme', { values: ['Ann', 'a@b.co', '12', 'Acme'] }],
    ['no phone', ' Ann ,a@b.co, ,Acme', { values: ['Ann', 'a@b.co', null, 'Acme'] }],
    [
      'white space around quotes',
      '"Ann" , "a@b.co",\t"1""2" , Acme',
      { values: ['Ann', 'a@b.co', '1"2', 'Acme'] },
    ],
    ['a quoted value with white space', '" Ann ",a@b.co,,Acme', { values: ['Ann', 'a@b.co', null, 'Acme'] }],
    ['a COPY end marker', '\\.,a@b.co,\\.,A\tB', { values: ['\\.', 'a@b.co', '\\.', 'A\tB'] }],
    ['NULL as MySQL writes it', 'Ann,a@b.co,\\N,Acme', { values: ['Ann', 'a@b.co', null, 'Acme'] }],
    ['an IDN address', 'Ann,a@münchen.de,,Ö', { values: ['Ann', 'a@münchen.de', null, 'Ö'] }],
    [
      'several faults',
      ' ,nobody,1,',
      {
        reject: {
          column: 'name',
          code: 'required',
          message: 'name is required; email is not a valid address; company is required',
          row: { name: ' ', email: 'nobody', phone: '1', company: '' },
        },
      },
    ],
    [
      'too few fields',
      'Ann,a@b.co',
      {
        reject: {
          column: null,
          code: 'wrong_number_of_fields',
          message:
            '2 fields where the header has 4; quote a field that has the delimiter or a line end in it',
          row: { name: 'Ann', email: 'a@b.co', raw: 'Ann,a@b.co' },
        },
      },
    ],
    [
      'a stray quote',
      'Ann "A",a@b.co,,Acme',
      {
        reject: {
          column: null,
          code: 'stray_quote',
          message:
            'quote in the middle of an unquoted field; put the whole field in quotes and double the quotes inside it, or keep them as text with --quotes lenient',
          row: { raw: 'Ann "A",a@b.co,,Acme' },
        },
      },
    ],
    [
      'NUL and a byte that is not UTF-8',
      'A\0\xff,a@b.co,,Acme',
      {
        reject: {
          column: null,
          code: 'nul_character',
          message: 'NUL character; remove it from the record',
          row: { raw: 'A\u2400\ufffd,a@b.co,,Acme' },
        },
      },
    ],
  ];
  it.each(cases)('%s', (_, record, wanted) => {
    const text = [...`${header}${record}\nBo,b@c.de,,Co`].some((char) => char === '\xff')
      ? Buffer.from(`${header}${record}\nBo,b@c.de,,Co`, 'latin1')
      : Buffer.from(`${header}${record}\nBo,b@c.de,,Co`);
    for (let size = 1; size <= text.length; size++)
      expect(ended(readAll(chunked(text, size)))).toEqual([
        { rowNumber: 1, line: 2, ...(wanted as object) },
        { rowNumber: 2, line: 3, values: ['Bo', 'b@c.de', null, 'Co'] },
      ]);
  });

  it('shows at most 8 KiB of an invalid record', () => {
    const text = Buffer.from(`${header}x${'é'.repeat(5000)}"\nBo,b@c.de,,Co`);
    const [first, second] = ended(readAll(chunked(text, 1000), { maxRecordBytes: 20_000 }));
    expect(first?.reject?.row).toEqual({ raw: `x${'é'.repeat(4095)}…` });
    expect(second?.line).toBe(3);
    const two = Buffer.from(`${header}${'a'.repeat(9000)}\nb"\n`);
    expect(ended(readAll(chunked(two, 100))).map(({ reject }) => reject?.row)).toEqual([
      { raw: `${'a'.repeat(8192)}…` },
      { raw: 'b"' },
    ]);
  });

  it('writes the row of a reject as JSON, whatever its cells contain', () => {
    const cells = fc.string({
      unit: fc.constantFrom('a', 'b', '"', '\\', '\n', '\r', '\t', '\u0001', '\u001f', ' ', ',', 'é', '😀'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(cells, cells), { minLength: 1, maxLength: 4 }), (rows) => {
        const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
        const body = rows.map(([name, company]) => [name, 'nobody', '', company].map(quoted).join(','));
        const found = ended(readAll([Buffer.from(header + body.join('\r\n'))]));
        expect(found.map(({ reject }) => reject?.row)).toEqual(
          rows.map(([name, company]) => ({ name, email: 'nobody', phone: '', company })),
        );
      }),
      { numRuns: sized(100, 1_000) },
    );
  });

  it('judges a record next to a foreign line end by its values', () => {
    const text = Buffer.from('company,email,name\r\nAcme,a@b.co,\\N\nAcme,\n');
    const found = ended(readAll([text]));
    expect(found.map(({ reject }) => reject?.code)).toEqual(['required', 'wrong_number_of_fields']);
  });

  it('fails for a file without text, and for an unreadable header', () => {
    expect(() => readAll([Buffer.from('\r\n \n')])).toThrow(
      expect.objectContaining({ name: 'Failure', code: 'file_empty' }),
    );
    expect(() => readAll([Buffer.from('name,em"ail\na,b')])).toThrow(
      expect.objectContaining({ code: 'header_invalid', message: expect.stringContaining('line 1: quote') }),
    );
  });
});
