/** What one transaction loads into a table other than customers: plain data, with payloads in shared memory. */
import type { CopyRows } from '../batch.js';
import type { Checkpoint } from '../checkpoint.js';
import type { KeptRecords } from '../keptRecords.js';

/** Consecutive records of the file, in order. */
export interface TargetBatch {
  /** Records that can be loaded as they are: binary COPY. */
  rows: CopyRows;
  /**
   * Records of the same kind that may have the key of an earlier record: binary COPY, each after its number on the
   * stage.
   */
  suspects: CopyRows;
  /**
   * Records that PostgreSQL must read, as COPY lines: after their number on the stage if `numbered`. If not `numbered`,
   * the batch has no other rows.
   */
  texts: CopyRows;
  numbered: boolean;
  /** Rejected records as ReportRows, with their reasons. */
  rejects: CopyRows;
  /** Rejected records that PostgreSQL should check for further faults: COPY lines as `stageTexts` takes them. */
  doubtful: CopyRows;
  /** How many records were rejected for each reason; their sum is `rejects.count`. */
  reasons: Record<string, number>;
  /** How many values were not read literally, by the assumption made. */
  assumed: Record<string, number>;
  /** The keys of all records, in order (keyHashes.ts); empty if the records have none. */
  keys: Uint8Array;
  /** The records of `rows`, `suspects` and `texts` as they are in the file, in case PostgreSQL refuses one. */
  kept: KeptRecords;
  /**
   * Whether `suspects` and `texts` may be loaded after `rows`: no record in `rows` depends on one of them that comes
   * earlier in the file.
   */
  apart: boolean;
  /** What may depend on an earlier record that is not committed yet: nothing, `suspects` and `texts`, or any row. */
  waits: 'nothing' | 'aside' | 'all';
  /** Where reading resumes once this batch is committed. */
  checkpoint: Checkpoint;
}

/** Returns the memory to give back once the batch is committed. */
export function payloadsOf(batch: TargetBatch): Uint8Array[] {
  const { rows, suspects, texts, rejects, doubtful, keys, kept } = batch;
  return [
    ...[rows, suspects, texts, rejects, doubtful].map(({ copy }) => copy),
    ...[keys, kept.places, kept.text],
  ];
}

/** Returns the number of records in a batch. */
export function recordsIn({ rows, suspects, texts, rejects }: TargetBatch): number {
  return rows.count + suspects.count + texts.count + rejects.count;
}
