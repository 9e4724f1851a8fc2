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

/** Returns the next command, with the condition in front if there is one. */
export function nextStep(job: Job, asked: JobAction): string {
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
      // Without good rows there is nothing to undo or to print.
      if (job.successCount === 0) return loadCommand(job) ?? command('show');
      if (asked === 'discard' || asked === 'cancel') return loadCommand(job) ?? command('undo');
      if (asked === 'accept' || asked === 'load') return loadCommand(job) ?? command('rows');
      return loadCommand(job) ?? command('show');
    default: {
      if (status === 'undone' && asked !== 'retry' && asked !== 'load') return command('show');
      const hint = retryHint(job);
      return hint ? `${hint.when}: ${hint.command}` : command('show');
    }
  }
}
