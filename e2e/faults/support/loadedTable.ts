/** A table that scenarios load, with what differs from table to table. */
import type { RejectedRow } from '@csvjobs/shared';
import type { Pool } from '../../../packages/daemon/src/sql/pool.js';

export type Cell = string | number | null;

export interface LoadedTable {
  /** As SQL writes it. */
  name: string;
  /** What an upload names; undefined where it need not. */
  into: string | undefined;
  /** Makes the table where it is not there yet, and puts in what a file expects to find: its `known`. */
  prepare(pool: Pool, known: readonly string[]): Promise<void>;
  /** Takes out all rows. */
  empty(pool: Pool): Promise<void>;
  /** What a file has put in, in its order: the row number, and the values as text. */
  rowsOf(pool: Pool, file: { jobId: string; owner: string }): Promise<(readonly [number, ...Cell[]])[]>;
}

/** A file with faults of every kind, and what must become of each record. */
export interface DirtyFile {
  table: LoadedTable;
  /** What tells its keys from those of other files. */
  owner: string;
  bytes: Buffer;
  /** Records of the file. */
  records: number;
  /** Keys that must be in the table before the file is loaded. */
  known: string[];
  /** Records that become rows: row number and values. */
  accepted: (readonly [number, ...Cell[]])[];
  /** Records that are rejected: row number, line, code. */
  rejected: (readonly [number, number, string])[];
}

/** A rejected record as it stands in job_errors. */
export type Reject = [
  row: number,
  line: number,
  column: string | null,
  code: string,
  message: string,
  values: RejectedRow,
  reasons: unknown,
];
