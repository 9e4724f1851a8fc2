/** Faults in the structure of a record, which prevent cutting it into fields. */
import type { FileDialect, RejectionCode } from '@csvjobs/shared';

export type FrameFault =
  | 'stray_quote'
  | 'text_after_quote'
  | 'unclosed_quote'
  | 'too_long'
  | 'too_long_quoted';

/** The rejection code of each fault. */
export const FAULT_CODES: Record<FrameFault, RejectionCode> = {
  stray_quote: 'stray_quote',
  text_after_quote: 'stray_quote',
  unclosed_quote: 'unclosed_quote',
  too_long: 'record_too_long',
  too_long_quoted: 'record_too_long',
};

const KEEP = ', or keep them as text with --quotes lenient';
const ESCAPE = ", or read \\ as the escape character with --escape '\\'";
const TOO_FAR =
  ', or put its quotes in order: quotes around a delimiter or a line end, and lines that may belong to such a field, are not kept as text';

/** Says what is wrong with a record and how to fix it. @param escaped whether a backslash precedes one of its quotes */
export function faultMessage(
  fault: FrameFault,
  maxRecordBytes: number,
  { quotes }: Pick<FileDialect, 'quotes'> = {},
  escaped = false,
): string {
  const advice = escaped ? ESCAPE : quotes === 'lenient' ? TOO_FAR : KEEP;
  switch (fault) {
    case 'stray_quote':
      return `quote in the middle of an unquoted field; put the whole field in quotes and double the quotes inside it${advice}`;
    case 'text_after_quote':
      return `text after the closing quote of a field; double the quotes inside a quoted field${advice}`;
    case 'unclosed_quote':
      return `a quoted field is not closed before the end of the file; add the closing quote${escaped ? ESCAPE : ''}`;
    case 'too_long':
      return `the record is longer than ${maxRecordBytes} bytes`;
    case 'too_long_quoted':
      return `the record is longer than ${maxRecordBytes} bytes; is the closing quote of a field missing?`;
  }
}
