/** Where a reader puts each record: batches, or the results of a check. */
import type { Rejection } from '@csvjobs/shared';
import type { Checkpoint } from './checkpoint.js';
import type { Header, HeaderParts } from './header.js';
import type { Fields } from './parse/fields.js';
import type { SoundRecord } from './parse.js';
import type { UnreadText } from './target/plain/plainRecords.js';

/** A rejection without its values. */
export type Reject = Omit<Rejection, 'row'>;

/** What all sinks have in common. `Taken` is what a full sink returns. Fields are valid until the call returns. */
export interface SinkBase<Taken, Of extends HeaderParts> {
  readonly full: boolean;
  readonly empty: boolean;
  /** Called first, with the file's header. */
  begin(header: Of): void;
  /**
   * Adds a record that does not have the header's fields, with the fields that it has and its text (RecordCutter.raw).
   */
  reject(reject: Reject, fields: Fields | undefined, raw: Buffer): void;
  /** Returns what was added and starts again. `checkpoint` is the position after the last record. */
  take(checkpoint: Checkpoint): Taken;
}

/** The number and line of the next record, and the maximum number of records to read. */
export interface PlainPlace {
  rowNumber: number;
  line: number;
  most: number;
}

export interface Sink<Taken, Of extends HeaderParts = Header> extends SinkBase<Taken, Of> {
  /** Whether the values of a record with the header's fields pass the rules, as far as the file alone shows. */
  isSound(fields: Fields): boolean;
  /**
   * Adds plain records (target/plain) from `text.at` on, and moves it past them. Returns their number: 0 if the next record needs a
   * closer look. Each has one line and the header's fields.
   */
  addPlain?(text: UnreadText, place: PlainPlace): number;
  /** Adds a record that has the header's fields. Returns whether its values pass the rules: see `isSound`. */
  add(rowNumber: number, line: number, fields: Fields, record: SoundRecord): boolean;
}
