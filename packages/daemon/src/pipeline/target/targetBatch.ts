/** What one transaction loads into a table other than customers: plain data, with payloads in shared memory. */
import type { CopyRows } from '../batch.js';
import type { Checkpoint } from '../checkpoint.js';
import type { KeptRecords } from '../keptRecords.js';

/** A run of records of the file, in its order. */
export interface TargetBatch {
  /** Records without a doubt: binary COPY. */
  rows: CopyRows;
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
  /** The keys of all records, in their order (keyHashes.ts); empty where they have none. */
  keys: Uint8Array;
  /** The records of `rows` and `texts` as they are in the file, should PostgreSQL refuse one. */
  kept: KeptRecords;
  /** A record may have the key of one before it that is not committed yet. */
  mustWait: boolean;
  /** Where reading goes on once this batch is committed. */
  checkpoint: Checkpoint;
}

/** What is to be given back once the batch is committed. */
export function payloadsOf({ rows, texts, rejects, doubtful, keys, kept }: TargetBatch): Uint8Array[] {
  return [rows.copy, texts.copy, rejects.copy, doubtful.copy, keys, kept.places, kept.text];
}

/** How many records of the file it is of. */
export function recordsIn({ rows, texts, rejects }: TargetBatch): number {
  return rows.count + texts.count + rejects.count;
}
