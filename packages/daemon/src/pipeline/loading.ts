/** Types for the load of the rest of a file: the code for its kind of table prepares it, and run.ts starts it. */
import type { Job, ShownRow, Source } from '@csvjobs/shared';
import type { LaneConnection, WholeEnd } from '../sql/lanes.js';
import type { Connection, Pool } from '../sql/pool.js';
import type { Checkpoint } from './checkpoint.js';
import type { LoadOptions } from './load.js';
import type { AnyBatch, Reading, ReadLimits, Warn } from './reading.js';

/** Connections that a run can cut, and must close. */
export interface OpenLane {
  cut(): void;
  close(): Promise<void>;
  /** Undefined if each batch is committed on its own. */
  whole: WholeEnd | undefined;
}

export interface LoadingDependencies {
  pool: Pool;
  connection: Connection;
  limits: ReadLimits;
  /** Maximum number of connections that load side by side. */
  lanes: number;
  /** Set for a preview: it loads on a connection whose transaction is rolled back. */
  preview?: PreviewLoading;
  /** Logs what the load waits for. */
  log?: { warn(fields: object, message: string): void };
}

/** How a preview loads. */
export interface PreviewLoading {
  /** Takes the records. */
  lane: LaneConnection;
  /** Runs what a replacement does before the first and after the last record. */
  parts: LaneConnection;
  removal: RemovalLimits | undefined;
}

/** Limits of a replacement that is rolled back. */
export interface RemovalLimits {
  /** Called with the rows that would go as soon as they are known, before the guard judges them. */
  seen: (going: Going) => void;
  /** If more rows than this would go, the replacement fails before it removes any (`TooManyToRemove`). */
  most: number;
}

/** Rows of a table that a replacement removes. */
export interface Going {
  /** How many rows the table had. */
  before: number;
  rows: number;
  first: ShownRow[];
}

/** What to load: a job whose file has been surveyed. */
export interface ToLoad {
  job: Job;
  source: Source;
  checkpoint: Checkpoint;
  totalRows: number;
  reading: Reading;
  /** The lanes are added here as soon as they are open. */
  lanes: OpenLane[];
  /** Aborted when the attempt must stop: from then on, wait for nothing. */
  stopped: AbortSignal;
  /** Where keys may be logged for later attempts of the job, beside its file. */
  logPath: string;
  warn: Warn;
}

/**
 * Loads until the end of the file, or the drain. If all rows are one transaction, it is still open when this returns.
 * Work that belongs to it after the last record is done at the end of this call, before the rows are committed, held,
 * or rolled back.
 * @throws as `load` does
 */
export type StartLoad = (options: LoadOptions<AnyBatch>) => Promise<void>;
