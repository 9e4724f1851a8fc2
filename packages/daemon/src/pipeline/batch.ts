import type { Rejection } from '@csvjobs/shared';
import type { Checkpoint } from './checkpoint.js';

/** Rows as the lines of a COPY … FROM STDIN in text format, UTF-8. */
export interface CopyRows {
  count: number;
  copy: Uint8Array;
}

/** What one transaction loads: a run of records of the file, in its order. */
export interface Batch {
  /** Valid records as (row_number, line, name, email, phone, company). */
  rows: CopyRows;
  /** Rejected records as (row_number, line, column_name, code, message, row), row being JSON. */
  rejects: CopyRows;
  /** The first rejected records of the batch, at most PREVIEW_LIMIT of them. */
  preview: Rejection[];
  /** Where reading goes on once this batch is committed. */
  checkpoint: Checkpoint;
}
