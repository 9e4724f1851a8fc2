/** Prepares the kernel for the records of a file. */
import type { RowLayout } from '../../../rows/rowWriter.js';
import type { HashedKey } from '../../keys/keyHashes.js';
import { PAIR_BYTES } from '../../keys/keyPairs.js';
import type { Layout } from '../../layout.js';
import { delimiterByte } from '../../records/bytes.js';
import { isUsual, type TextFormat } from '../../records/dialectTokens.js';
import { type Kernel, startKernel } from './kernel.js';
import { isForKernel, tableBytes, writeTables } from './kernelTables.js';
import { RECORD_BYTES, WORD_BYTES } from './memoryLayout.js';
import { MOST_RECORDS, PlainRecords, ROWS_BYTES, TEXT_BYTES } from './plainRecords.js';

/** Files with more fields are read record by record. */
const MOST_FIELDS = 4 * 1024;

export interface PlainFormat extends TextFormat {
  maxRecordBytes: number;
  layout: Layout;
}

/**
 * Returns undefined if the kernel cannot read the records of this file.
 * @param cells number of cells of the header: fields beyond must be empty
 */
export function openPlainRecords(
  format: PlainFormat,
  cells: number,
  rows: RowLayout,
  keys: readonly HashedKey[],
): PlainRecords | undefined {
  const { lineEnd, fields, shortRecords } = format.layout;
  const isKnown = (lineEnd === 'lf' || lineEnd === 'crlf') && fields <= MOST_FIELDS;
  if (!isUsual(format) || !isKnown || shortRecords || !isForKernel(rows, keys)) return undefined;
  if (rows.columns.some(({ position }) => position >= fields)) return undefined;
  const writes = rows.columns.map(({ rule }) => rule.write);
  const kernel: Kernel | undefined = startKernel(
    {
      text: TEXT_BYTES,
      rows: ROWS_BYTES,
      records: MOST_RECORDS * RECORD_BYTES,
      pairs: MOST_RECORDS * PAIR_BYTES * keys.length,
      // One more: the kernel stores a quoted field before it knows that it is one too many.
      starts: WORD_BYTES * (fields + 1),
      ends: WORD_BYTES * (fields + 1),
      tables: tableBytes(rows, keys),
    },
    (column, start, end, to) => writes[column]!(kernel!.bytes, start, end, kernel!.view, to),
  );
  if (!kernel) return undefined;
  const { calls, view, parts } = kernel;
  const at = writeTables(rows, keys, view, parts.tables);
  const { columns, constants, width, growth } = rows;
  const crlf = lineEnd === 'crlf' ? 1 : 0;
  calls.setFormat(delimiterByte(format.delimiter), crlf, fields, parts.starts, parts.ends);
  calls.setColumns(at.columns, columns.length, width, at.constants, constants.length);
  calls.setKeys(at.keys, keys.length);
  calls.setLimits(fields, Math.min(fields, cells), format.maxRecordBytes, growth, keys.length);
  return new PlainRecords(kernel, keys.length);
}
