/** What the HTTP side receives: everything it touches, so that daemon.ts alone decides what is real. */
import type { LoadMode, Preview, Progress } from '@csvjobs/shared';
import type { Access } from '../access/access.js';
import type { TableAccess } from '../access/tables.js';
import type { OfferedFile } from '../intake/offeredFile.js';
import type { Overrides } from '../intake/overrides.js';
import type { Log } from '../logType.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Subscriptions } from '../progress/subscribe.js';
import type { Sources } from '../sources/sources.js';
import type { JobInto, JobTarget } from '../sql/jobTarget.js';
import type { Pool } from '../sql/pool.js';
import type { FilePlan } from '../sql/target/fileRights.js';
import type { Store } from '../storage/store.js';
import type { SharedRate } from './middleware/rateLimit.js';

/**
 * The gate (intake/gate.ts) with its limits: throws a Failure with a ProblemCode if it refuses the file. Returns
 * what the header fills, if it is sure of it.
 */
export type Admit = (file: OfferedFile, into: JobInto) => Promise<FilePlan | undefined>;

/** Shows the first records of a file as they would be stored (pipeline/preview/previewFile.ts). */
export interface PreviewedFile {
  filename: string;
  /** The file, or only its first bytes if `cut`. */
  bytes: Uint8Array;
  cut: boolean;
  overrides: Overrides;
  into: JobTarget;
  mode: LoadMode;
  rows: number;
  signal: AbortSignal;
}

export interface AppDeps {
  pool: Pool;
  storage: Store;
  /** Files that are loaded from where they are stored. */
  sources: Sources;
  subscriptions: Subscriptions;
  /** Notifies other processes that a token was created or revoked; `send` neither blocks nor throws. */
  tokenNews: { send(): void; onNews(listener: () => void): void };
  /** Who may use the API. */
  access: Access;
  /** Which tables users may load into. */
  tables: TableAccess;
  /** Counts requests together with other processes; without it each process counts its own. */
  sharedRate?: SharedRate | undefined;
  metrics: Metrics;
  admit: Admit;
  /**
   * Whether a stored file is small enough for the queue of small files, which does not wait for large ones;
   * by default none is.
   */
  isSmall?: (file: { id: string; sizeBytes: number }) => Promise<boolean>;
  /** Loads the first records of a file and rolls them back. */
  preview: (file: PreviewedFile) => Promise<Preview>;
  /** Puts a job on the queue; may fail or hang while Redis is down (recovery puts the job there later). */
  enqueue: (jobId: string) => Promise<void>;
  /** Notifies watchers of a change made here (cancel, retry); neither blocks nor throws. */
  publish: (progress: Progress) => void;
  /** GET /readyz: each part's check resolves to a short status or a warning, or rejects. */
  checks: Record<string, () => Promise<string | { message: string; warning: true }>>;
  version: string;
  log: Log;
  options: AppOptions;
}

export interface AppOptions {
  /** Access-Control-Allow-Origin: an origin, `*`, or undefined for none. */
  corsOrigin?: string | undefined;
  /**
   * Host names that the daemon answers to, besides localhost and IP addresses; `*` for any. None by default.
   */
  allowedHosts?: readonly string[];
  maxUploadBytes: number;
  /** Maximum number of concurrent uploads; unlimited by default. */
  maxUploads?: number;
  /** Interval between checks for uploads that are too slow; 60 s. */
  paceMs?: number;
  /** How long a resumable upload is kept after its last byte; 24 h. */
  uploadExpiryMs?: number;
  /** Maximum number of unfinished jobs; unlimited by default. */
  maxQueued?: number;
  /** Maximum number of jobs that are held or will be; unlimited by default. */
  maxHeld?: number;
  maxStreams: number;
  /** Maximum number of reports sent at a time; unlimited by default. */
  maxReports?: number;
  /** Maximum total size of answers that wait for their readers, in bytes; 64 MiB. */
  maxAnswerBytes?: number;
  /** Maximum number of headers in a request; 100. */
  maxHeaders?: number;
  /**
   * Maximum number of requests a minute per token, or per address without a token; 0 (unlimited) by default.
   */
  rateLimit?: number;
  /**
   * Interval between heartbeats: a comment on every stream, and a query in PostgreSQL for every watched job;
   * 15 s.
   */
  heartbeatMs?: number;
  /** How often the jobs are read from PostgreSQL while someone watches all of them; 2 s. */
  boardMs?: number;
  /** How often watched jobs are read from PostgreSQL while Redis is unavailable; 1 s. */
  pollMs?: number;
  /** A stream whose reader takes no data for this long is dropped; 30 s. */
  stallMs?: number;
  /** How long an upload's answer waits for the queue; 2 s. */
  enqueueMs?: number;
  /** How long the answer to an accepted job waits for its commit; 30 s. */
  commitMs?: number;
  /** How long the answer to a webhook test waits for its delivery; 20 s. */
  webhookTestMs?: number;
  /**
   * How long a connection stays open after an answer that was sent before the request's body had ended; 10 s.
   */
  lingerMs?: number;
}
