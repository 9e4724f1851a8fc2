/** Texts about a job whose good rows are not in the table. */
import type { Job } from '@csvjobs/shared';
import { isFinal, loadsNothing } from '@csvjobs/shared/rules';

type Shown = Pick<Job, 'status' | 'mode'>;

/** A few words after the status; undefined if rows are loaded, or may still be. */
export function nothingLoaded(job: Shown): string | undefined {
  if (job.mode?.dryRun) return 'dry run: nothing was loaded';
  if (job.status === 'held') return 'its rows are not visible yet';
  // Rows that were loaded and removed again are in the counts of the undo.
  if (job.status === 'undone') return undefined;
  return isFinal(job.status) && loadsNothing(job) ? 'nothing was loaded' : undefined;
}

/** The status of a job for a narrow space: `completed (dry run)`. */
export function statusText({ status, mode }: Shown): string {
  return mode?.dryRun ? `${status} (dry run)` : status;
}

/** The status of a job as one word, for a pipe: `completed(dry-run)`. */
export function statusWord({ status, mode }: Shown): string {
  return mode?.dryRun ? `${status}(dry-run)` : status;
}

/** The same, with the text about its rows. */
export function fullStatus(job: Shown): string {
  const said = nothingLoaded(job);
  return said === undefined ? job.status : `${job.status} (${said})`;
}

/**
 * Returns the command that loads the file of a completed dry run.
 * @param asks whether the command can ask questions where it will run
 */
export function loadCommand({ id, status, mode }: Shown & Pick<Job, 'id'>, asks = true): string | undefined {
  if (!mode?.dryRun || status !== 'completed') return undefined;
  return unasked(`csvjobs load ${id} --watch`, { mode: { ...mode, dryRun: undefined } }, asks);
}

/** Returns a command that loads. To replace a table it needs `--yes` if it cannot ask. */
export function unasked(command: string, { mode }: Pick<Job, 'mode'>, asks: boolean): string {
  return mode?.replace && !mode.dryRun && !asks ? `${command} --yes` : command;
}
