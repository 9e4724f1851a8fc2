/** Runs the pure stages on a text, for tests. */
import { KeyFilter } from '../../../src/pipeline/batch/keyFilter.js';
import type { Batch } from '../../../src/pipeline/batch.js';
import { customersHeader } from '../../../src/pipeline/headerRule.js';
import { keptIndex, keptRecord } from '../../../src/pipeline/keptRecords.js';
import type { Layout } from '../../../src/pipeline/layout.js';
import { batchReader, type ReaderOptions } from '../../../src/pipeline/reader.js';
import { Survey } from '../../../src/pipeline/survey.js';

export const OPTIONS: Omit<ReaderOptions, 'emails' | 'layout'> = {
  jobId: '00000000-0000-7000-8000-000000000000',
  delimiter: ',',
  maxRecordBytes: 1000,
  batchRows: 1000,
  batchBytes: 1_000_000,
  rule: customersHeader(undefined),
};

/** Cuts bytes into chunks of one size. */
export function chunked(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
  return chunks;
}

/** The survey's result for a text. */
export function layoutOf(chunks: readonly Uint8Array[], options: Partial<ReaderOptions> = {}): Layout {
  const { delimiter, dialect, maxRecordBytes } = { ...OPTIONS, ...options };
  const survey = new Survey({ delimiter, dialect, maxRecordBytes, rule: customersHeader(undefined) });
  for (const chunk of chunks) survey.push(chunk);
  return survey.end().layout;
}

/** Every batch of a text; its chunks are overwritten after use. */
export function readAll(chunks: readonly Uint8Array[], options: Partial<ReaderOptions> = {}): Batch[] {
  const layout = options.layout ?? layoutOf(chunks, options);
  const reader = batchReader({ ...OPTIONS, emails: new KeyFilter(1_000), ...options, layout });
  const batches = chunks.flatMap((chunk) => {
    const memory = Uint8Array.from(chunk);
    const full = [...reader.push(memory)];
    memory.fill(0x22);
    return full;
  });
  return [...batches, ...reader.end()];
}

/** Lines of COPY text as fields, by the rules of PostgreSQL's documentation. */
export function copyLines(copy: Uint8Array): (string | null)[][] {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(copy);
  if (text === '') return [];
  if (!text.endsWith('\n')) throw new Error('the last row has no end');
  const letters: Record<string, string> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) =>
      line.split('\t').map((field) =>
        field === '\\N'
          ? null
          : field.replaceAll(/\\(.)/gsu, (_, letter: string) => {
              const byte = letters[letter];
              if (byte === undefined) throw new Error(`unknown escape ${letter}`);
              return byte;
            }),
      ),
    );
}

const SIGNATURE = 'PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0';

/** A row of a binary COPY payload of customers. */
export interface CopiedRow {
  id: string;
  jobId: string;
  rowNumber: number;
  values: (string | null)[];
}

/** The rows of a binary COPY payload, by the rules of PostgreSQL's documentation. */
export function copyRows(copy: Uint8Array): CopiedRow[] {
  if (copy.length === 0) return [];
  const bytes = Buffer.from(copy);
  if (bytes.toString('latin1', 0, 19) !== SIGNATURE) throw new Error('this is not a binary COPY');
  const rows: CopiedRow[] = [];
  let at = 19;
  for (let fields = bytes.readInt16BE(at); fields !== -1; fields = bytes.readInt16BE(at)) {
    at += 2;
    const values = Array.from({ length: fields }, () => {
      const size = bytes.readInt32BE(at);
      const value = size === -1 ? null : bytes.subarray(at + 4, at + 4 + size);
      at += 4 + Math.max(0, size);
      return value;
    });
    const [id, jobId, rowNumber, ...texts] = values;
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    rows.push({
      id: id!.toString('hex'),
      jobId: jobId!.toString('hex'),
      rowNumber: Number(rowNumber!.readBigInt64BE()),
      values: texts.map((text) => (text ? decoder.decode(text) : null)),
    });
  }
  if (at + 2 !== bytes.length) throw new Error('there is something behind the end of the payload');
  return rows;
}

/** A bytea in its escape format (PostgreSQL, section 8.4.2). */
export function bytea(text: string): Buffer {
  const bytes = Buffer.from(text);
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 0x5c) out.push(bytes[at]!);
    else if (bytes[at + 1] === 0x5c) {
      out.push(0x5c);
      at++;
    } else {
      out.push(Number.parseInt(bytes.toString('latin1', at + 1, at + 4), 8));
      at += 3;
    }
  }
  return Buffer.from(out);
}

/** The original rejected records, with the physical line of each. */
export function originalsOf(batches: readonly Batch[]): { line: number; original: Buffer }[] {
  return batches.flatMap(({ rejects }) =>
    copyLines(rejects.copy).map((fields) => ({ line: Number(fields[2]), original: bytea(fields[7]!) })),
  );
}

/** The result of a record: a row, or a reject. */
export interface Ended {
  rowNumber: number;
  line: number;
  values?: (string | null)[];
  reject?: { column: string | null; code: string; message: string; row: Record<string, string> };
}

/** The results of all records, in order of their numbers. */
export function ended(batches: readonly Batch[]): Ended[] {
  return batches.flatMap(({ direct, suspects, rejects, kept }) => {
    const good = [...copyRows(direct.copy), ...copyRows(suspects.copy)];
    const bad = copyLines(rejects.copy);
    const counted = direct.count + suspects.count;
    if (good.length !== counted || bad.length !== rejects.count) throw new Error('a count is wrong');
    if (kept.count !== counted) throw new Error('a record is not kept');
    return [
      ...good.map(({ rowNumber, values }) => ({
        rowNumber,
        line: keptRecord(kept, keptIndex(kept, rowNumber)).line,
        values,
      })),
      ...bad.map(([, rowNumber, line, column, code, message, row]) => ({
        rowNumber: Number(rowNumber),
        line: Number(line),
        reject: {
          column: column ?? null,
          code: code ?? '',
          message: message ?? '',
          row: JSON.parse(row ?? '') as Record<string, string>,
        },
      })),
    ].sort((a, b) => a.rowNumber - b.rowNumber);
  });
}
