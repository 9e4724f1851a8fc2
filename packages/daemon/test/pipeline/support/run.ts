/** Runs the pure stages over a text, for tests. */
import type { Batch } from '../../../src/pipeline/batch.js';
import { Reader, type ReaderOptions } from '../../../src/pipeline/reader.js';

export const OPTIONS: ReaderOptions = {
  jobId: '00000000-0000-7000-8000-000000000000',
  delimiter: ',',
  maxRecordBytes: 1000,
  batchRows: 1000,
  batchBytes: 1_000_000,
};

/** Cuts bytes into chunks of one size. */
export function chunked(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
  return chunks;
}

/** Every batch of a text, its chunks overwritten as soon as they were taken. */
export function readAll(chunks: readonly Uint8Array[], options: Partial<ReaderOptions> = {}): Batch[] {
  const reader = new Reader({ ...OPTIONS, ...options });
  const batches = chunks.flatMap((chunk) => {
    const memory = Uint8Array.from(chunk);
    const full = reader.push(memory);
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

/** A record of the file where it ended: as a row, or as a reject. */
export interface Ended {
  rowNumber: number;
  line: number;
  values?: (string | null)[];
  reject?: { column: string | null; code: string; message: string; row: Record<string, string> };
}

/** What became of every record, in order of their numbers. */
export function ended(batches: readonly Batch[]): Ended[] {
  return batches.flatMap(({ rows, rejects }) => {
    const good = copyLines(rows.copy);
    const bad = copyLines(rejects.copy);
    if (good.length !== rows.count || bad.length !== rejects.count) throw new Error('a count is wrong');
    return [
      ...good.map(([rowNumber, line, ...values]) => ({
        rowNumber: Number(rowNumber),
        line: Number(line),
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
