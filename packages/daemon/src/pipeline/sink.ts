/** Where a reader puts each record: into batches, or into what a check makes of it. */
import type { Rejection } from '@csvjobs/shared';
import type { Checkpoint } from './checkpoint.js';
import type { Header, HeaderParts } from './header.js';
import type { Fields } from './parse/fields.js';
import type { SoundRecord } from './parse.js';

/** A rejection without its values. */
export type Reject = Omit<Rejection, 'row'>;

/** What all sinks have. `Taken` is what one hands on when it is full. Fields are good until the call returns. */
export interface SinkBase<Taken, Of extends HeaderParts> {
  readonly full: boolean;
  readonly empty: boolean;
  /** Comes first, with the file's header. */
  begin(header: Of): void;
  /** Adds a record that cannot be cut into the header's fields; with those that it has, and its text (RecordCutter.raw). */
  reject(reject: Reject, fields: Fields | undefined, raw: Buffer): void;
  /** Hands on what was added and starts anew. `checkpoint` stands behind the last record. */
  take(checkpoint: Checkpoint): Taken;
}

export interface Sink<Taken, Of extends HeaderParts = Header> extends SinkBase<Taken, Of> {
  /** Whether the values of a record with the header's fields pass the rules, as far as the file alone can tell. */
  isSound(fields: Fields): boolean;
  /** Adds a record that has the header's fields. Returns whether its values pass the rules: see `isSound`. */
  add(rowNumber: number, line: number, fields: Fields, record: SoundRecord): boolean;
}
