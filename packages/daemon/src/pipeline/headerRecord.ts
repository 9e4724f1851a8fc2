/** The first record of a file, read as its header. */
import type { Encoding } from './decode/encodings.js';
import { type FileHeader, type HeaderRules, headerUnreadable } from './header.js';
import { CleanText } from './parse/clean.js';
import type { Parse } from './parse.js';
import { unreadable } from './records/unreadable.js';
import type { RecordCutter, RecordOptions } from './records.js';

/**
 * The header that a cutter's first record is.
 *
 * @throws Failure header_invalid
 */
export function headerOf<Found extends FileHeader>(
  record: RecordCutter,
  parse: Parse,
  options: Pick<RecordOptions, 'delimiter' | 'maxRecordBytes'> & { encoding?: Encoding },
  rules: HeaderRules<Found>,
): Found {
  const why = unreadable(record, new CleanText(), options);
  if (why !== undefined) throw headerUnreadable(`line ${record.line}: ${why.message}`, rules.wanted);
  const fields = parse(record);
  return rules.read(
    Array.from({ length: fields.count }, (_, position) => fields.text(position)),
    options.delimiter,
  );
}
