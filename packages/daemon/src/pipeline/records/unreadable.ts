/** Records that cannot be cut into fields, or whose text PostgreSQL cannot keep: why, and what to do about it. */
import type { RejectionCode } from '@csvjobs/shared';
import type { Encoding } from '../decode/encodings.js';
import { type CleanText, textFaultMessage } from '../parse/clean.js';
import type { RecordCutter, RecordOptions } from '../records.js';
import { FAULT_CODES, faultMessage } from './fault.js';

/** Why the record that a cutter has found cannot be read, if it cannot. `encoding` is that of the file. */
export function unreadable(
  { fault, bytes, start, end }: RecordCutter,
  clean: CleanText,
  { maxRecordBytes, encoding = 'utf-8' }: Pick<RecordOptions, 'maxRecordBytes'> & { encoding?: Encoding },
): { code: RejectionCode; message: string } | undefined {
  if (fault !== undefined) return { code: FAULT_CODES[fault], message: faultMessage(fault, maxRecordBytes) };
  const code = clean.fault(bytes, start, end);
  return code && { code, message: textFaultMessage(code, encoding) };
}
