/** Messages for a file that is already in its table. */
import type { EarlierJob } from '@csvjobs/shared';
import { CUSTOMERS } from '@csvjobs/shared/paths';
import { utcMinute } from '@csvjobs/shared/rules';
import { clean, count, plural } from '../text/text.js';

/** The part of an upload's answer about an earlier upload. */
interface Answered {
  jobId?: string | undefined;
  earlier?: EarlierJob | null | undefined;
  /** The upload is a dry run. */
  dryRun?: boolean | undefined;
}

/** Whether the upload has loaded nothing, because the file was loaded before. */
export function wasLoadedBefore({ jobId, earlier }: Answered): boolean {
  return jobId !== undefined && earlier?.jobId === jobId;
}

/** The notice for an upload of the same file; undefined if there is nothing to say. */
export function sameFileNotice(answered: Answered): string | undefined {
  const { earlier } = answered;
  if (!earlier) return undefined;
  const job = `job ${earlier.jobId.slice(0, 8)} of ${utcMinute(earlier.createdAt)} (${state(earlier)})`;
  if (wasLoadedBefore(answered)) return `nothing was loaded: the same file was loaded before, by ${job}`;
  return answered.dryRun
    ? `the same file was uploaded before, as ${job}; this dry run does not load it again`
    : `the same file was uploaded before, as ${job}; it is loaded again (--once prevents that)`;
}

/**
 * The question about a file that was uploaded before.
 * @param table as named, or undefined for the daemon's own choice
 */
export function sameFileQuestion(file: string, table: string | undefined, earlier: EarlierJob): string {
  const into = clean(table ?? CUSTOMERS);
  return `${clean(file)} was uploaded into ${into} before: job ${earlier.jobId.slice(0, 8)} of ${utcMinute(earlier.createdAt)}, ${state(earlier)}`;
}

function state({ status, successCount, failedCount }: EarlierJob): string {
  if (status === 'pending') return 'waiting for its turn';
  if (status === 'held') return `held: ${plural(successCount, 'row')} wait to be accepted`;
  if (status === 'processing') return `being loaded: ${plural(successCount, 'row')} so far`;
  const rejected = failedCount > 0 ? `, ${count(failedCount)} rejected` : '';
  return `${status}: ${plural(successCount, 'row')} loaded${rejected}`;
}
