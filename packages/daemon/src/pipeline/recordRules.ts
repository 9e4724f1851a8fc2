/** What a reader is given for the records of a file: nothing in the reader itself knows what they are. */
import type { FileHeader, HeaderRules } from './header.js';
import type { Fields } from './parse/fields.js';
import type { RecordSink } from './sink.js';

/** Decides on a whole record. The fields are good until it returns. */
export type Judge = (fields: Fields, rowNumber: number, line: number) => void;

/** What becomes of a file's records: how its header is read, who decides on whole records, and where all others go. */
export interface RecordRules<Taken, Found extends FileHeader> {
  header: HeaderRules<Found>;
  /** Comes first, with the file's header. */
  begin(header: Found): Judge;
  sink: RecordSink<Taken>;
}
