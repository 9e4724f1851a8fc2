/** The next step for a file whose job ended before the whole file was loaded. */
import type { Job } from '@csvjobs/shared';
import { type Hint, retryHint } from '../report/retryHint.js';
import type { Lane } from './lane.js';

/**
 * Like `retryHint`, but with the file's path on this machine: the job only knows its name.
 * @param id ID of the job, as shown
 */
export function laneHint(
  { path }: Pick<Lane, 'path'>,
  job: Job,
  { id = job.id, asks = true }: { id?: string; asks?: boolean } = {},
): Hint | undefined {
  return retryHint({ ...job, id }, { path, asks });
}
