/** Events of uploading files and watching jobs: one source, several renderers. */
import type { EarlierJob, FileReading, Job, Progress } from '@csvjobs/shared';
import type { ExitCode } from '../exitCodes.js';
import type { UserError } from '../userError.js';

/** `lane` is the index of a file (or job) among those of the command. */
export type ViewEvent =
  | { type: 'uploading'; lane: number; sentBytes: number; totalBytes: number | undefined }
  /** `sentBytes`: bytes that need not be sent again. */
  | { type: 'retrying'; lane: number; reason: string; sentBytes?: number | undefined }
  /** An upload that broke off in an earlier run continues where it stopped. */
  | { type: 'continuing'; lane: number; sentBytes: number; totalBytes: number | undefined }
  /** `table` as requested, if it was. */
  | {
      type: 'uploaded';
      lane: number;
      jobId: string;
      table?: string | undefined;
      /**
       * An earlier job with the same file. If it loaded the file and this upload does not load it again, both have the
       * same ID.
       */
      earlier?: EarlierJob | null | undefined;
      dryRun?: boolean | undefined;
    }
  /** The daemon is reading the file, before it loads the first row. */
  | { type: 'reading'; lane: number; jobId: string; reading: FileReading }
  | { type: 'progress'; lane: number; progress: Progress }
  | { type: 'reconnecting'; lane: number; jobId: string; reason: string }
  | { type: 'connected'; lane: number; jobId: string }
  /** A snapshot of the whole job while it runs: for the reasons of its rejects. */
  | { type: 'job'; lane: number; job: Job }
  | { type: 'done'; lane: number; job: Job; exitCode: ExitCode }
  | { type: 'error'; lane: number; jobId?: string; error: UserError };

export interface Renderer {
  handle(event: ViewEvent): void;
  /** Draws the last state and releases the terminal. */
  close(): Promise<void>;
}
