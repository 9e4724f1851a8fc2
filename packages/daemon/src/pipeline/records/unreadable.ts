/** Records that cannot be cut into fields, or whose text PostgreSQL cannot keep: why, and what to do about it. */
import type { RejectionCode } from '@csvjobs/shared';
import type { CleanText, TextFault } from '../parse/clean.js';
import type { RecordCutter } from '../records.js';
import { FAULT_CODES, faultMessage } from './fault.js';

/** Why the record that a cutter has found cannot be read, if it cannot. */
export function unreadable(
  { fault, bytes, start, end }: RecordCutter,
  clean: CleanText,
  maxRecordBytes: number,
): { code: RejectionCode; message: string } | undefined {
  if (fault !== undefined) return { code: FAULT_CODES[fault], message: faultMessage(fault, maxRecordBytes) };
  const code = clean.fault(bytes, start, end);
  return code && { code, message: TEXT_FAULTS[code] };
}

const TEXT_FAULTS: Record<TextFault, string> = {
  nul_character: 'NUL character; remove it from the record',
  invalid_encoding: 'bytes that are not UTF-8 text; save the file as UTF-8',
};
