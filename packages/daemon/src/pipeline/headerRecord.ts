/** The first record of a file, read as its header. */
import type { Encoding } from './decode/encodings.js';
import { type HeaderParts, headerUnreadable } from './header.js';
import type { HeaderRule } from './headerRule.js';
import { CleanText } from './parse/clean.js';
import type { Parse } from './parse.js';
import { unreadable } from './records/unreadable.js';
import type { RecordCutter, RecordOptions } from './records.js';

/**
 * The header that a cutter's first record is.
 *
 * @throws Failure header_invalid
 */
export function headerOf<Of extends HeaderParts>(
  record: RecordCutter,
  parse: Parse,
  options: Pick<RecordOptions, 'delimiter' | 'maxRecordBytes'> & { encoding?: Encoding },
  rule: HeaderRule<Of>,
): Of {
  const why = unreadable(record, new CleanText(), options);
  if (why !== undefined) throw headerUnreadable(`line ${record.line}: ${why.message}`, rule.wanted);
  const fields = parse(record);
  return rule(
    Array.from({ length: fields.count }, (_, position) => fields.text(position)),
    options.delimiter,
  );
}
