/** What the lanes of a job share, and what a lane knows of a batch between its first and its last step. */
import type { FileDialect, TargetReason } from '@csvjobs/shared';
import type { LaneConnection } from '../../sql/lanes.js';
import type { Client } from '../../sql/pool.js';
import { type LoadPlan, tableOf } from '../../sql/target/loadPlan.js';
import type { LockTable } from '../../sql/target/lockFirst.js';
import type { RefusedRow } from '../../sql/target/oneByOne.js';
import type { Shape } from '../../sql/target/shape.js';
import { countChanges } from '../../sql/undo/changedOthers.js';
import type { RecordReader } from '../customers/recordReader.js';
import type { ReportColumns } from '../fixes/reportColumns.js';
import type { KeyLog } from '../keys/keyLog.js';
import { type Ready, Superseded } from '../lane.js';
import type { Parse } from '../parse.js';
import type { RefusedRecord } from './repeatedRows.js';
import type { TargetBatch } from './targetBatch.js';
import type { Waiting } from './upsertBatch.js';

/** What the lanes of a job share. */
export interface TargetLoad {
  jobId: string;
  attempt: number;
  plan: LoadPlan;
  /** Reads records, and words the reasons of those that are refused. */
  records: RecordReader;
  delimiter: string;
  /** The columns of the file that come from a report. */
  report: ReportColumns | undefined;
  dialect: FileDialect | undefined;
  /** The table's shape when the plan was made (shapeOf). */
  shape: Shape | undefined;
  lockTable: LockTable;
  /** Rejects are written without the foreign key to the job, which each batch holds (maySkipForeignKey). */
  skipForeignKey: boolean;
  /** Whether to sift rows that PostgreSQL refuses. */
  sifts: boolean;
  /** Rows were refused because the table has their key, so the following batches look up keys too. */
  siftKeys: boolean;
  /**
   * Names the row that has the key of each refused row, once all earlier batches are committed. Called with all refused
   * rows, repeats or not.
   */
  nameRepeated: NameRepeated;
  /** Adds to a refusal in PostgreSQL's own words what it has in common with other rows. */
  named: (reason: TargetReason) => TargetReason;
  /** Known rows may be updated before earlier batches are committed, if those lack their keys (upsertBatch.ts). */
  early: boolean;
  /** Undefined if there is no key to log. */
  keyLog: KeyLog | undefined;
  /** The file replaces the table's content, so the keys of its records are noted. */
  replaces: boolean;
}

/** A lane's connection, what its job's lanes share, and how it splits records. */
export interface LaneParts {
  connection: LaneConnection;
  load: TargetLoad;
  parse: Parse;
}

export interface PreparedBatch extends Ready {
  batch: TargetBatch;
  patient: boolean;
  inserted: number;
  /** If known rows are skipped or updated: what became of them, and which are waiting. */
  waiting: Waiting;
  updated: number;
  unchanged: number;
  skipped: number;
  reasons: Record<string, number>;
  /** How many rejects are in the report. A restart of the transaction would take them out of it. */
  reported: number;
  /**
   * Rows that PostgreSQL refused. Which row has a refused row's key is known only when all earlier batches are
   * committed.
   */
  refused: RefusedRecord[];
  /** Further faults of rejected records; undefined until they are judged. */
  more: RefusedRow[] | undefined;
  /**
   * The table was checked against the plan, after inserting a row that prevents changes to it until the transaction
   * ends.
   */
  verified: boolean;
}

/** Like `nameRepeated` of repeatedRows.ts, in the transaction of the batch. */
export type NameRepeated = (
  client: Client,
  batch: TargetBatch,
  refused: readonly RefusedRecord[],
  parse: Parse,
) => Promise<void>;

/**
 * Locks the job for the batch and the table for writing, and begins to count what triggers change.
 * @throws {Superseded} if another attempt has taken over
 */
export async function lockJob({ connection, load }: LaneParts): Promise<void> {
  if (!(await connection.hold())) throw new Superseded(load.jobId);
  await load.lockTable(connection.client);
  await countChanges(connection.client, tableOf(load.plan.target));
}
