/** Exit codes for the end of a job, and the quality gate `--max-errors`. */
import type { Gate, Job } from '@csvjobs/shared';
import { allowedRejects, readMaxErrors } from '@csvjobs/shared/rules';
import { EXIT, type ExitCode } from './exitCodes.js';
import { count, plural } from './text/text.js';
import { usageError } from './userError.js';

export type { Gate } from '@csvjobs/shared';

/**
 * Reads `--max-errors`: `10` or `2.5%`.
 * @throws UserError (exit 2)
 */
export function parseGate(text: string): Gate {
  const gate = readMaxErrors(text);
  if (gate) return gate;
  throw usageError(
    `"${text}" is not a limit for --max-errors`,
    'it must be a number of rows, or a percentage of them (0% to 100%)',
    'examples: --max-errors 10, --max-errors 2.5%',
  );
}

/** Failures caused by a limit: one that an option sets, or the default of --max-removed. */
export const GATES = ['gate_not_met', 'max_removed_exceeded'];

/**
 * Returns the exit code of a job from a GET, by the requested gate, otherwise by that of its spec. Watching it live or
 * asking later gives the same code. 0 and 3 are only for a job that is completed, or held if nobody waits for the
 * answer: its rows are judged, but not committed.
 */
export function exitCodeOf(
  job: Pick<Job, 'status' | 'failedCount' | 'processedRows' | 'failure' | 'mode'>,
  asked: Gate | undefined,
): ExitCode {
  if (job.status === 'failed' && GATES.includes(job.failure?.code ?? '')) return EXIT.gate;
  if (['failed', 'cancelled', 'undone'].includes(job.status)) return EXIT.failed;
  if (job.status !== 'completed' && job.status !== 'held') return EXIT.unfinished;
  const gate = gateOf(job, asked);
  if (gate === undefined) return job.failedCount === 0 ? EXIT.done : EXIT.rejects;
  return job.failedCount <= allowedRejects(gate, job.processedRows) ? EXIT.done : EXIT.gate;
}

/** The requested gate, otherwise that of the job's spec. */
function gateOf({ mode }: Pick<Job, 'mode'>, asked: Gate | undefined): Gate | undefined {
  return asked ?? (mode?.maxErrors === undefined ? undefined : readMaxErrors(mode.maxErrors));
}

/**
 * Returns why a job that has loaded its rows ends with exit code 7; undefined for any other code. A job that failed says
 * it itself.
 */
export function whyGate(
  job: Pick<Job, 'status' | 'failedCount' | 'processedRows' | 'failure' | 'mode'>,
  asked: Gate | undefined,
): string | undefined {
  if (job.status === 'failed' || exitCodeOf(job, asked) !== EXIT.gate) return undefined;
  const { failedCount, processedRows } = job;
  const most = allowedRejects(gateOf(job, asked)!, processedRows);
  return `exit ${EXIT.gate}: ${count(failedCount)} of ${plural(processedRows, 'row')} ${failedCount === 1 ? 'is' : 'are'} rejected, and --max-errors allows ${count(most)}`;
}
