/** What comes next for a file whose job ended before all of it was loaded. */
import type { Job } from '@csvjobs/shared';
import { type Hint, retryHint } from '../report/retryHint.js';
import type { Lane } from './lane.js';

/** As `retryHint`, with the file by the path that this machine has for it: the job knows its name alone. @param id of the job, as it is shown */
export function laneHint(
  { path }: Pick<Lane, 'path'>,
  job: Job,
  { id = job.id, asks = true }: { id?: string; asks?: boolean } = {},
): Hint | undefined {
  return retryHint({ ...job, id }, { path, asks });
}
