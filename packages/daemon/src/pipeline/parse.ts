/** Records → fields. Records without quotes are split at the delimiter, the others go through csv-parser. */
import { Fields } from './parse/fields.js';
import { createUnquote } from './parse/unquote.js';
import { delimiterByte } from './records/bytes.js';

/** A record that `RecordCutter` found sound. */
export interface SoundRecord {
  bytes: Buffer;
  start: number;
  end: number;
  quoted: boolean;
  padded: boolean;
}

/** Cuts a record into fields. The answer is the same object each time, good until the next call. */
export type Parse = (record: SoundRecord) => Fields;

export function createParse(delimiter: string): Parse {
  const byte = delimiterByte(delimiter);
  const unquote = createUnquote(byte);
  const fields = new Fields();

  return (record) => {
    if (record.quoted) unquote(record.bytes.subarray(record.start, record.end), record.padded, fields);
    else split(record, byte, fields);
    return fields;
  };
}

function split({ bytes, start, end }: SoundRecord, delimiter: number, fields: Fields): void {
  fields.bytes = bytes;
  fields.count = 0;
  let fieldStart = start;
  for (let at = start; at < end; at++) {
    if (bytes[at] !== delimiter) continue;
    fields.add(fieldStart, at);
    fieldStart = at + 1;
  }
  fields.add(fieldStart, end);
}
