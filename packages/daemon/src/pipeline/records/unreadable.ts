/** Explains records that cannot be cut into fields, or whose text PostgreSQL cannot store, and how to fix them. */
import type { RejectionCode } from '@csvjobs/shared';
import type { Encoding } from '../decode/encodings.js';
import { type CleanText, textFaultMessage } from '../parse/clean.js';
import type { RecordOptions } from '../records.js';
import type { Cutter } from './cutter.js';
import { FAULT_CODES, faultMessage } from './fault.js';

/** Returns why a cutter's current record cannot be read; undefined if it can. @param encoding the file's encoding */
export function unreadable(
  cutter: Cutter,
  clean: CleanText,
  {
    maxRecordBytes,
    encoding = 'utf-8',
    dialect,
  }: Pick<RecordOptions, 'maxRecordBytes' | 'dialect'> & { encoding?: Encoding },
): { code: RejectionCode; message: string } | undefined {
  const { fault, bytes, start, end } = cutter;
  if (fault !== undefined) {
    const escaped = dialect?.escape === undefined && cutter.raw().includes(ESCAPED_QUOTE);
    return { code: FAULT_CODES[fault], message: faultMessage(fault, maxRecordBytes, dialect, escaped) };
  }
  const code = clean.fault(bytes, start, end);
  return code && { code, message: textFaultMessage(code, encoding) };
}

/** How MySQL and phpMyAdmin write a quote inside a field. */
const ESCAPED_QUOTE = '\\"';
