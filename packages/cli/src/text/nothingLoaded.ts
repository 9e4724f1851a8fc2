/** What is said of a job whose good rows are not in the table. */
import { isFinal, type Job, loadsNothing } from '@csvjobs/shared';

type Shown = Pick<Job, 'status' | 'mode'>;

/** In a few words, behind the status; undefined where rows are loaded, or may yet be. */
export function nothingLoaded(job: Shown): string | undefined {
  if (job.mode?.dryRun) return 'dry run: nothing was loaded';
  if (job.status === 'held') return 'nobody sees its rows yet';
  return isFinal(job.status) && loadsNothing(job) ? 'nothing was loaded' : undefined;
}

/** The status of a job for a narrow place: `completed (dry run)`. */
export function statusText({ status, mode }: Shown): string {
  return mode?.dryRun ? `${status} (dry run)` : status;
}

/** The status of a job as one word, for a pipe: `completed(dry-run)`. */
export function statusWord({ status, mode }: Shown): string {
  return mode?.dryRun ? `${status}(dry-run)` : status;
}

/** The same, with what is said of its rows. */
export function fullStatus(job: Shown): string {
  const said = nothingLoaded(job);
  return said === undefined ? job.status : `${job.status} (${said})`;
}

/** The command that loads the file of a dry run which has come to its end. */
export function loadCommand({ id, status, mode }: Shown & Pick<Job, 'id'>): string | undefined {
  return mode?.dryRun && status === 'completed' ? `csvjobs load ${id}` : undefined;
}
