/** What the HTTP side is given: everything it touches, so that daemon.ts alone decides what is real. */
import type { LoadMode, Preview, Progress } from '@csvjobs/shared';
import type { Access } from '../access/access.js';
import type { TableAccess } from '../access/tables.js';
import type { OfferedFile } from '../intake/offeredFile.js';
import type { Overrides } from '../intake/overrides.js';
import type { Log } from '../logType.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Subscriptions } from '../progress/subscribe.js';
import type { Sources } from '../sources/sources.js';
import type { JobInto, JobTarget } from '../sql/jobProgress.js';
import type { Pool } from '../sql/pool.js';
import type { Store } from '../storage/store.js';
import type { SharedRate } from './middleware/rateLimit.js';

/** The gate (intake/gate.ts) with its limits: throws a Failure with a ProblemCode for a file that is not taken. */
export type Admit = (file: OfferedFile, into: JobInto) => Promise<void>;

/** A file of which the first records are wanted as they would be stored (pipeline/preview/previewFile.ts). */
export interface PreviewedFile {
  filename: string;
  /** The file, or where it is `cut` its first bytes. */
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
  /** Files that are loaded from where they are. */
  sources: Sources;
  subscriptions: Subscriptions;
  /** What one process says to the others when it has made or revoked a token; `send` neither blocks nor throws. */
  tokenNews: { send(): void; onNews(listener: () => void): void };
  /** Who may use the API. */
  access: Access;
  /** Which tables may be loaded into. */
  tables: TableAccess;
  /** Where requests are counted together with other processes; without it each counts its own. */
  sharedRate?: SharedRate | undefined;
  metrics: Metrics;
  admit: Admit;
  /** Whether a stored file is small enough for a job that need not wait behind large ones; by default none is. */
  isSmall?: (file: { id: string; sizeBytes: number }) => Promise<boolean>;
  /** Loads the first records of a file and takes all of it back. */
  preview: (file: PreviewedFile) => Promise<Preview>;
  /** Puts a job on the queue; may fail or hang while Redis is down (recovery puts the job there later). */
  enqueue: (jobId: string) => Promise<void>;
  /** Tells watchers of a change made here (cancel, retry); neither blocks nor throws. */
  publish: (progress: Progress) => void;
  /** GET /readyz: each part's check resolves to a word on how it is, or a warning, or rejects. */
  checks: Record<string, () => Promise<string | { message: string; warning: true }>>;
  version: string;
  log: Log;
  options: AppOptions;
}

export interface AppOptions {
  /** Access-Control-Allow-Origin: an origin, `*`, or undefined for none. */
  corsOrigin?: string | undefined;
  /** Names that the daemon answers to, beside localhost and IP addresses; `*` for any. None by default. */
  allowedHosts?: readonly string[];
  maxUploadBytes: number;
  /** Most uploads at a time; any number by default. */
  maxUploads?: number;
  /** How often it is looked whether an upload is too slow; 60 s. */
  paceMs?: number;
  /** How long a resumable upload is kept without another byte; 24 h. */
  uploadExpiryMs?: number;
  /** Most jobs that are not finished; any number by default. */
  maxQueued?: number;
  /** Most jobs that are held or will be; any number by default. */
  maxHeld?: number;
  maxStreams: number;
  /** Most reports that are sent at a time; any number by default. */
  maxReports?: number;
  /** Most bytes of answers that wait for their readers; 64 MiB. */
  maxAnswerBytes?: number;
  /** Most headers of a request; 100. */
  maxHeaders?: number;
  /** Most requests a minute of one token, or of one address without one; 0 (any number) by default. */
  rateLimit?: number;
  /** A comment on every stream, and a look into PostgreSQL for every watched job; 15 s. */
  heartbeatMs?: number;
  /** How often the jobs are looked at in PostgreSQL while somebody watches all of them; 2 s. */
  boardMs?: number;
  /** How often watched jobs are looked at in PostgreSQL while Redis is away; 1 s. */
  pollMs?: number;
  /** A stream whose reader takes nothing for this long is dropped; 30 s. */
  stallMs?: number;
  /** How long an upload's answer waits for the queue; 2 s. */
  enqueueMs?: number;
  /** How long the answer to an accepted job waits for its commit; 30 s. */
  commitMs?: number;
  /** How long the answer to a webhook test waits for its delivery; 20 s. */
  webhookTestMs?: number;
  /** How long a connection stays open for an answer that came before the end of the request's body; 10 s. */
  lingerMs?: number;
}
