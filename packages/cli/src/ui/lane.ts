/** The state of one file being loaded, folded from its events. Pure: renderers draw nothing else. */
import type { FileReading, Held, Job, JobStatus, ModeCounts, ShownRow } from '@csvjobs/shared';
import { isFinal, loadsNothing } from '@csvjobs/shared/rules';
import { NO_REASONS, type Reasons, reasonsOf } from '../report/reasons.js';
import { sameFileNotice } from '../report/sameFile.js';
import type { UserError } from '../userError.js';
import { type Measured, measure, measureFrom } from './rate.js';
import type { ViewEvent } from './viewEvent.js';

export interface Lane extends Measured {
  /** Index among the lanes. */
  place: number;
  name: string;
  /** The file as given on the command line, `-` for stdin; undefined if no file is uploaded. */
  path?: string | undefined;
  /** The target table, once known. */
  table: string | undefined;
  jobId: string | undefined;
  phase: 'waiting' | 'uploading' | JobStatus | 'error';
  sentBytes: number;
  totalBytes: number | undefined;
  /** The upload continues one from an earlier run. */
  continued?: boolean;
  processedRows: number;
  totalRows: number;
  goodRows: number;
  /** What happened to the rows that were not rejected, if rows may be updated or skipped. */
  counts?: ModeCounts | undefined;
  badRows: number;
  reconnecting: string | undefined;
  /** Why the job waits for its next attempt, as of the last snapshot of it. */
  waits?: string | undefined;
  /**
   * When a worker started to read the file before loading the first row, by the clock of `step`; undefined before that.
   */
  reading: number | undefined;
  /** How far the worker has read, if the daemon reports it. */
  read?: FileReading | undefined;
  /** Why rows were rejected, as of the last snapshot of the job. */
  reasons: Reasons;
  /** Notices about the file: those of its upload, and those of the last snapshot of the job. */
  notices: readonly string[];
  /** Notices of the upload alone. */
  uploadNotices: readonly string[];
  /** If the job is held: until when, and some of its rows. */
  held: Held | undefined;
  /** In a replacement: some of the rows that it removes. */
  removedRows?: ShownRow[] | undefined;
  job: Job | undefined;
  error: UserError | undefined;
}

/** @param totalBytes the size of the file, if known */
export function newLane(name: string, now: number, place = 0, totalBytes?: number): Lane {
  return {
    place,
    name,
    table: undefined,
    jobId: undefined,
    phase: 'waiting',
    sentBytes: 0,
    totalBytes,
    processedRows: 0,
    totalRows: 0,
    goodRows: 0,
    badRows: 0,
    reconnecting: undefined,
    reading: undefined,
    reasons: NO_REASONS,
    notices: [],
    uploadNotices: [],
    held: undefined,
    job: undefined,
    error: undefined,
    ...measureFrom(0, now),
  };
}

/** Returns the lane after an event at `now` (a monotonic clock, in milliseconds). */
export function step(lane: Lane, event: ViewEvent, now: number): Lane {
  switch (event.type) {
    case 'uploading': {
      const { sentBytes, totalBytes } = event;
      const measured =
        lane.phase === 'uploading' && sentBytes >= lane.seenUnits
          ? measure(lane, sentBytes, now)
          : measureFrom(sentBytes, now);
      return { ...lane, ...measured, phase: 'uploading', sentBytes, totalBytes, reconnecting: undefined };
    }
    case 'retrying':
      return { ...lane, reconnecting: event.reason, sentBytes: event.sentBytes ?? 0 };
    case 'continuing': {
      const { sentBytes, totalBytes } = event;
      return {
        ...lane,
        ...measureFrom(sentBytes, now),
        phase: 'uploading',
        sentBytes,
        totalBytes,
        continued: true,
      };
    }
    case 'uploaded': {
      const notice = sameFileNotice(event);
      const uploadNotices = notice === undefined ? [] : [notice];
      return {
        ...lane,
        notices: uploadNotices,
        uploadNotices,
        ...measureFrom(0, now),
        jobId: event.jobId,
        table: event.table,
        phase: 'pending',
      };
    }
    case 'reading': {
      const { jobId, reading } = event;
      return { ...lane, jobId, phase: 'pending', reading: lane.reading ?? now, read: reading };
    }
    case 'progress': {
      const { jobId, processedRows, totalRows, successCount, failedCount, counts, status, reading } =
        event.progress;
      const known = lane.phase === 'processing' && processedRows >= lane.processedRows;
      const measured = known ? measure(lane, processedRows, now) : measureFrom(processedRows, now);
      return {
        ...lane,
        ...(isFinal(status) || status === 'held' ? {} : measured),
        jobId,
        phase: status,
        processedRows,
        totalRows,
        goodRows: successCount,
        counts,
        badRows: failedCount,
        waits: undefined,
        read: reading ?? (status === 'pending' ? lane.read : undefined),
      };
    }
    case 'reconnecting':
      // Discard the earlier rate and ETA; measure again from here, by snapshots of the job.
      return {
        ...lane,
        ...(lane.reconnecting === undefined && measureFrom(lane.processedRows, now)),
        jobId: event.jobId,
        reconnecting: event.reason,
      };
    case 'connected':
      return { ...lane, reconnecting: undefined };
    case 'job': {
      const { job } = event;
      // A snapshot that is ahead of the stream also updates the counts, because they and the reasons belong together.
      const ahead = job.status === lane.phase && job.processedRows > lane.processedRows;
      return {
        ...lane,
        ...(ahead && {
          processedRows: job.processedRows,
          goodRows: job.successCount,
          counts: job.counts,
          badRows: job.failedCount,
        }),
        name: lane.path === undefined ? job.filename : lane.name,
        table: job.table,
        totalBytes: lane.totalBytes ?? job.sizeBytes,
        reading: lane.reading ?? (job.status === 'pending' && job.startedAt !== null ? now : undefined),
        read: job.reading ?? lane.read,
        waits: job.status === 'pending' || job.status === 'processing' ? job.failure?.message : undefined,
        reasons: reasonsOf(job),
        notices: [...lane.uploadNotices, ...job.notices],
        held: job.held,
        removedRows: job.removedRows,
      };
    }
    case 'done': {
      const { job } = event;
      return {
        ...lane,
        jobId: job.id,
        table: job.table,
        phase: job.status,
        processedRows: job.processedRows,
        totalRows: job.totalRows,
        goodRows: job.successCount,
        counts: job.counts,
        badRows: job.failedCount,
        reconnecting: undefined,
        waits: undefined,
        reasons: reasonsOf(job),
        notices: [...lane.uploadNotices, ...job.notices],
        held: job.held,
        removedRows: job.removedRows,
        job,
      };
    }
    case 'error':
      // When only the watching has ended, the job is as it was.
      if (event.error.code === 'not_finished') return { ...lane, error: event.error };
      return { ...lane, phase: 'error', error: event.error, reconnecting: undefined };
  }
}

/** The completed part of the work, 0 to 1; undefined if the total is unknown. */
export function fraction(lane: Lane): number | undefined {
  if (lane.phase === 'uploading') return lane.totalBytes ? lane.sentBytes / lane.totalBytes : undefined;
  if (lane.phase === 'pending') return lane.read && lane.read.readBytes / lane.read.totalBytes;
  if (lane.phase === 'completed') return 1;
  return lane.totalRows > 0 ? Math.min(1, lane.processedRows / lane.totalRows) : undefined;
}

/** Remaining time at the current rate, in milliseconds; undefined if unknown. */
export function remaining(lane: Lane): number | undefined {
  if (lane.rate <= 0) return undefined;
  if (lane.phase === 'uploading')
    return lane.totalBytes === undefined
      ? undefined
      : ((lane.totalBytes - lane.sentBytes) / lane.rate) * 1000;
  if (lane.phase !== 'processing' || lane.totalRows === 0) return undefined;
  return ((lane.totalRows - lane.processedRows) / lane.rate) * 1000;
}

type Worked = Pick<Job, 'startedAt' | 'completedAt'> & Partial<Pick<Job, 'attempt' | 'timings'>>;

/**
 * How long a daemon worked on a job, in milliseconds; undefined if it never did. After a retry it is the work of all
 * attempts, without the time between them; of a running one, up to its last commit.
 * @param now the time in milliseconds, for a running job; without it, undefined while it runs
 */
export function workedFor(job: Worked, now?: number): number | undefined {
  const { startedAt, completedAt, timings } = job;
  const end = completedAt === null ? now : Date.parse(completedAt);
  if (startedAt === null || end === undefined) return undefined;
  if (timings && isRetried(job)) return timings.readingMs + timings.loadingMs;
  return Math.max(0, end - Date.parse(startedAt));
}

/** Whether `workedFor` counts several attempts. Older daemons do not say how long each took. */
export function isRetried({ attempt = 1, timings }: Partial<Pick<Job, 'attempt' | 'timings'>>): boolean {
  return attempt > 1 && timings !== undefined;
}

/**
 * Rows per second over this time. Undefined if the rows are only those of the last attempt: an atomic load and a dry
 * run start each one from scratch.
 */
export function rateOf(job: Worked & Pick<Job, 'processedRows' | 'mode'>, ms: number): number | undefined {
  const startsAgain = job.mode?.atomic === true || job.mode?.dryRun === true;
  if (ms <= 0 || (startsAgain && isRetried(job))) return undefined;
  return (job.processedRows / ms) * 1000;
}

/** Whether the rows that were counted as good are not in the table: a tick would say that they are. */
export function keepsNothing({ job, phase }: Pick<Lane, 'job' | 'phase'>): boolean {
  return job !== undefined && isFinal(phase as JobStatus) && phase !== 'completed' && loadsNothing(job);
}
