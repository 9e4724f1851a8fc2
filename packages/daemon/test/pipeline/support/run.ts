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

/** The rows of a binary COPY payload of customers, by the rules of PostgreSQL's documentation. */
export function copyRows(copy: Uint8Array): CopiedRow[] {
  if (copy.length === 0) return [];
  const bytes = Buffer.from(copy);
  if (bytes.toString('latin1', 0, 19) !== SIGNATURE) throw new Error('this is not a binary COPY');
  if (bytes.readInt16BE(bytes.length - 2) !== -1) throw new Error('the payload has no end');
  return binaryFields(bytes.subarray(19, -2)).map(([id, jobId, rowNumber, ...texts]) => ({
    id: id!.toString('hex'),
    jobId: jobId!.toString('hex'),
    rowNumber: Number(rowNumber!.readBigInt64BE()),
    values: texts.map(textOf),
  }));
}

/** Binary rows as fields. */
function binaryFields(bytes: Buffer): (Buffer | null)[][] {
  const rows: (Buffer | null)[][] = [];
  for (let at = 0; at < bytes.length; ) {
    const count = bytes.readInt16BE(at);
    if (count < 1) throw new Error(`a row has ${count} fields`);
    at += 2;
    rows.push(
      Array.from({ length: count }, () => {
        const size = bytes.readInt32BE(at);
        const end = at + 4 + Math.max(0, size);
        if (end > bytes.length) throw new Error('the last row has no end');
        const value = size === -1 ? null : bytes.subarray(at + 4, end);
        at = end;
        return value;
      }),
    );
  }
  return rows;
}

function textOf(bytes: Buffer | null | undefined): string | null {
  return bytes ? new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) : null;
}

/** A row of job_errors. */
export interface ReportRow {
  jobId: string;
  rowNumber: number;
  line: number;
  column: string | null;
  code: string;
  message: string;
  row: Record<string, string>;
  reasons: unknown;
  original: Buffer;
}

/** Rows of job_errors as ReportRows writes them, by the rules of PostgreSQL's documentation. */
export function reportRows(copy: Uint8Array): ReportRow[] {
  return binaryFields(Buffer.from(copy)).map((fields) => {
    const [jobId, rowNumber, line, column, code, message, row, reasons, original] = fields;
    if (fields.length !== 9) throw new Error(`a row has ${fields.length} fields`);
    return {
      jobId: jobId!.toString('hex'),
      rowNumber: Number(rowNumber!.readBigInt64BE()),
      line: Number(line!.readBigInt64BE()),
      column: textOf(column),
      code: textOf(code)!,
      message: textOf(message)!,
      row: jsonbOf(row) as Record<string, string>,
      reasons: jsonbOf(reasons),
      original: original!,
    };
  });
}

/** A jsonb in binary form: its version, then its text. */
function jsonbOf(bytes: Buffer | null | undefined): unknown {
  if (!bytes) return null;
  if (bytes[0] !== 1) throw new Error(`version ${bytes[0]} of jsonb`);
  return JSON.parse(textOf(bytes.subarray(1))!);
}

/** The original rejected records, with the physical line of each. */
export function originalsOf(batches: readonly Batch[]): { line: number; original: Buffer }[] {
  return batches.flatMap(({ rejects }) =>
    reportRows(rejects.copy).map(({ line, original }) => ({ line, original })),
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
    const bad = reportRows(rejects.copy);
    const counted = direct.count + suspects.count;
    if (good.length !== counted || bad.length !== rejects.count) throw new Error('a count is wrong');
    if (kept.count !== counted) throw new Error('a record is not kept');
    return [
      ...good.map(({ rowNumber, values }) => ({
        rowNumber,
        line: keptRecord(kept, keptIndex(kept, rowNumber)).line,
        values,
      })),
      ...bad.map(({ rowNumber, line, column, code, message, row }) => ({
        rowNumber,
        line,
        reject: { column, code, message, row },
      })),
    ].sort((a, b) => a.rowNumber - b.rowNumber);
  });
}
