/** What one transaction loads into a table other than customers: plain data, with payloads in shared memory. */
import type { CopyRows } from '../batch.js';
import type { Checkpoint } from '../checkpoint.js';
import type { KeptRecords } from '../keptRecords.js';

/** A run of records of the file, in its order. */
export interface TargetBatch {
  /** Records without a doubt: binary COPY. */
  rows: CopyRows;
  /** Those of them that may have the key of an earlier record: binary COPY, each behind its number on the stage. */
  suspects: CopyRows;
  /**
   * Records that PostgreSQL is to read, as COPY lines: behind their number on the stage where `numbered`; where not, the
   * batch has no other rows.
   */
  texts: CopyRows;
  numbered: boolean;
  /** Rejected records as COPY lines of job_errors, with their reasons. */
  rejects: CopyRows;
  /** Those of the rejected records of which PostgreSQL is to say what else is wrong: COPY lines as `stageTexts` takes them. */
  doubtful: CopyRows;
  /** How many records were rejected for each reason; their sum is `rejects.count`. */
  reasons: Record<string, number>;
  /** How many values were read otherwise than they stand in the file, by what was assumed of them. */
  assumed: Record<string, number>;
  /** The keys of all records, in their order (keyHashes.ts); empty where they have none. */
  keys: Uint8Array;
  /** The records of `rows`, `suspects` and `texts` as they are in the file, should PostgreSQL refuse one. */
  kept: KeptRecords;
  /** `suspects` and `texts` may be loaded behind `rows`: no row of these depends on one of those before it in the file. */
  apart: boolean;
  /** What may depend on a record before it that is not committed yet: nothing, `suspects` and `texts`, or any row. */
  waits: 'nothing' | 'aside' | 'all';
  /** Where reading goes on once this batch is committed. */
  checkpoint: Checkpoint;
}

/** What is to be given back once the batch is committed. */
export function payloadsOf(batch: TargetBatch): Uint8Array[] {
  const { rows, suspects, texts, rejects, doubtful, keys, kept } = batch;
  return [
    ...[rows, suspects, texts, rejects, doubtful].map(({ copy }) => copy),
    ...[keys, kept.places, kept.text],
  ];
}

/** How many records of the file it is of. */
export function recordsIn({ rows, suspects, texts, rejects }: TargetBatch): number {
  return rows.count + suspects.count + texts.count + rejects.count;
}
