/** What a job's end means for the exit code, and the quality gate `--max-errors`. */
import type { Job } from '@csvjobs/shared';
import { EXIT, type ExitCode } from './exitCodes.js';
import { usageError } from './userError.js';

/** How many rejected rows are still a success: a count, or a share of the rows (0 to 1). */
export type Gate = { rows: number } | { share: number };

/**
 * Reads `--max-errors`: `10` or `2.5%`.
 * @throws UserError (exit 2)
 */
export function parseGate(text: string): Gate {
  const match = /^(\d+)$|^(\d+(?:\.\d+)?)%$/.exec(text.trim());
  const share = Number(match?.[2]) / 100;
  if (match?.[1] !== undefined) return { rows: Number(match[1]) };
  if (match && share <= 1) return { share };
  throw usageError(
    `"${text}" is not a limit for --max-errors`,
    'it is a number of rows, or a share of them with a percent sign (0% to 100%)',
    'examples: --max-errors 10, --max-errors 2.5%',
  );
}

/**
 * The exit code of a job as a GET has seen it; watching it live or coming later gives the same.
 * 0 and 3 only for a job that is completed.
 */
export function exitCodeOf(
  job: Pick<Job, 'status' | 'failedCount' | 'processedRows'>,
  gate: Gate | undefined,
): ExitCode {
  if (['failed', 'cancelled', 'undone'].includes(job.status)) return EXIT.failed;
  if (job.status !== 'completed') return EXIT.unfinished;
  if (gate === undefined) return job.failedCount === 0 ? EXIT.done : EXIT.rejects;
  const allowed = 'rows' in gate ? gate.rows : gate.share * job.processedRows;
  return job.failedCount <= allowed ? EXIT.done : EXIT.gate;
}
