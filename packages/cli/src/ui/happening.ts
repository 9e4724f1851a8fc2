/** What happens while files are uploaded and jobs are watched: one source, several renderers. */
import type { EarlierJob, FileReading, Job, Progress } from '@csvjobs/shared';
import type { ExitCode } from '../exitCodes.js';
import type { UserError } from '../userError.js';

/** `lane` is the place of a file (or job) among those of the call, from 0. */
export type Happening =
  | { type: 'uploading'; lane: number; sentBytes: number; totalBytes: number | undefined }
  /** `sentBytes` need not be sent again. */
  | { type: 'retrying'; lane: number; reason: string; sentBytes?: number | undefined }
  /** An upload that broke in an earlier run continues where it was. */
  | { type: 'continuing'; lane: number; sentBytes: number; totalBytes: number | undefined }
  /** `table` as it was asked for, where it was. */
  | {
      type: 'uploaded';
      lane: number;
      jobId: string;
      table?: string | undefined;
      /** The job that has the same file; where it has loaded it and this is not to, it has the same id. */
      earlier?: EarlierJob | null | undefined;
      dryRun?: boolean | undefined;
    }
  /** The file is being read, before the first row is loaded. */
  | { type: 'reading'; lane: number; jobId: string; reading: FileReading }
  | { type: 'progress'; lane: number; progress: Progress }
  | { type: 'reconnecting'; lane: number; jobId: string; reason: string }
  | { type: 'connected'; lane: number; jobId: string }
  /** A look at the whole job while it runs: for the reasons of its rejects. */
  | { type: 'job'; lane: number; job: Job }
  | { type: 'done'; lane: number; job: Job; exitCode: ExitCode }
  | { type: 'error'; lane: number; jobId?: string; error: UserError };

export interface Renderer {
  tell(happening: Happening): void;
  /** Draws the last state and lets go of the terminal. */
  close(): Promise<void>;
}
