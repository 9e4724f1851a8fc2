/** Where a reader puts what it has made of each record: batches, or what a check makes of it. */
import type { Customer, Rejection } from '@csvjobs/shared';
import type { Checkpoint } from './checkpoint.js';
import type { CustomerHeader } from './header.js';
import type { Fields } from './parse/fields.js';
import type { Values } from './validate.js';

/** A rejection without its values. */
export type Reject = Omit<Rejection, 'row'>;

/** `Taken` is what a sink hands on when it is full. Fields and values are good until the call returns. */
export interface Sink<Taken> {
  readonly full: boolean;
  readonly empty: boolean;
  /** Comes first, with the file's header. */
  begin(header: CustomerHeader): void;
  /** Adds a valid record by the positions of its values. */
  addValues(rowNumber: number, line: number, values: Values, fields: Fields): void;
  /** Adds a valid record by its values; `trimmed` says whether one had white space around it. */
  addCustomer(rowNumber: number, line: number, customer: Customer, trimmed: boolean, fields: Fields): void;
  /** Adds a record that cannot be cut into the header's fields; with those that it has, and its text (RecordCutter.raw). */
  reject(reject: Reject, fields: Fields | undefined, raw: Buffer): void;
  /** Adds a record with values that the rules refuse; its message is its reason. */
  rejectFields(reject: Reject, fields: Fields): void;
  /** Hands on what was added and starts anew. `checkpoint` stands behind the last record. */
  take(checkpoint: Checkpoint): Taken;
}
