/** The load of what is left of a file, prepared by the kind of its table and started by run.ts. */
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
  /** Undefined where each batch is committed by itself. */
  whole: WholeEnd | undefined;
}

export interface LoadingDependencies {
  pool: Pool;
  connection: Connection;
  limits: ReadLimits;
  /** Connections that load side by side, at most. */
  lanes: number;
  /** Set for a preview: it loads on a connection whose transaction is rolled back. */
  preview?: PreviewLoading;
  /** Where what is waited for is told. */
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

/** What is to be loaded: a job whose file was surveyed. */
export interface ToLoad {
  job: Job;
  source: Source;
  checkpoint: Checkpoint;
  totalRows: number;
  reading: Reading;
  /** Takes the lanes as soon as they are open. */
  lanes: OpenLane[];
  /** Aborted when the attempt is to end: nothing is waited for any more. */
  stopped: AbortSignal;
  /** Where keys may be kept for the attempts of the job, beside its file. */
  logPath: string;
  warn: Warn;
}

/**
 * Loads until the end of the file, or the drain. Where all rows are one transaction it is open when this returns: what belongs to it behind
 * the last record is done at the end of this, before the rows are committed, held, or rolled back.
 * @throws as `load` does
 */
export type StartLoad = (options: LoadOptions<AnyBatch>) => Promise<void>;
