/** A table that scenarios load, with its specifics. */
import type { RejectedRow } from '@csvjobs/shared';
import type { Pool } from '../../../packages/daemon/src/sql/pool.js';

export type Cell = string | number | null;

export interface LoadedTable {
  /** As in SQL. */
  name: string;
  /** The table option of an upload; undefined if not needed. */
  into: string | undefined;
  /** Creates the table if missing, and inserts the rows a file expects: its `known`. */
  prepare(pool: Pool, known: readonly string[]): Promise<void>;
  /** Removes all rows. */
  empty(pool: Pool): Promise<void>;
  /** The rows loaded from a file, in its order: the row number, and the values as text. */
  rowsOf(pool: Pool, file: { jobId: string; owner: string }): Promise<(readonly [number, ...Cell[]])[]>;
}

/** A file with errors of every kind, and the expected outcome of each record. */
export interface DirtyFile {
  table: LoadedTable;
  /** Distinguishes its keys from those of other files. */
  owner: string;
  bytes: Buffer;
  /** The number of records. */
  records: number;
  /** Keys that must be in the table before the file is loaded. */
  known: string[];
  /** Records that become rows: row number and values. */
  accepted: (readonly [number, ...Cell[]])[];
  /** Records that are rejected: row number, line, code. */
  rejected: (readonly [number, number, string])[];
}

/** A rejected record as stored in job_errors. */
export type Reject = [
  row: number,
  line: number,
  column: string | null,
  code: string,
  message: string,
  values: RejectedRow,
  reasons: unknown,
];
