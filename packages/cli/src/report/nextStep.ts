/** The command that helps when the state of a job does not allow what was asked of it. */
import type { Job } from '@csvjobs/shared';
import { loadCommand } from '../text/nothingLoaded.js';
import { retryHint } from './retryHint.js';

/** What was asked of the job. */
export type JobAction =
  | 'accept'
  | 'cancel'
  | 'delete'
  | 'discard'
  | 'fix'
  | 'load'
  | 'retry'
  | 'rows'
  | 'undo';

/** These need a job that has ended, also one that has not loaded everything. */
const ENDS_IT: readonly JobAction[] = ['delete', 'undo'];

const canUndo = ({ successCount, counts }: Job) =>
  successCount > 0 || (counts?.removed ?? 0) > 0 ? 'undo' : undefined;
const hasRows = ({ successCount }: Job) => (successCount > 0 ? 'rows' : undefined);

/** What helps after a job has loaded its file; undefined if it has no rows for that. */
const AFTER: Partial<Record<JobAction, (job: Job) => 'undo' | 'rows' | undefined>> = {
  cancel: canUndo,
  discard: canUndo,
  accept: hasRows,
  load: hasRows,
};

/**
 * Returns the next command, with the condition in front if there is one.
 * @param asks whether the command can ask questions where it will run
 */
export function nextStep(job: Job, asked: JobAction, asks = true): string {
  const { id, status, held } = job;
  const command = (name: string) => `csvjobs ${name} ${id.slice(0, 8)}`;
  switch (status) {
    case 'pending':
    case 'processing':
      return command(ENDS_IT.includes(asked) ? 'cancel' : 'watch');
    case 'held':
      // An answer was given already, or the time is over: the job is about to end.
      if (held?.answer || asked === 'accept' || asked === 'discard') return command('watch');
      if (ENDS_IT.includes(asked)) return command('discard');
      return `${command('accept')}, or ${command('discard')}`;
    case 'completed':
      return loadCommand(job, asks) ?? command(AFTER[asked]?.(job) ?? 'show');
    default: {
      if (status === 'undone' && asked !== 'retry' && asked !== 'load') return command('show');
      const hint = retryHint(job, { asks });
      return hint ? `${hint.when}: ${hint.command}` : command('show');
    }
  }
}
