/** What goes on with a job that has ended before its file has. */
import type { Job } from '@csvjobs/shared';
import { retryCanHelp } from '@csvjobs/shared/retry';

/**
 * The command, with the words before it; undefined where there is nothing to go on with, or where a retry would only
 * fail again because the fault is in the file.
 */
export function retryHint({
  id,
  status,
  failure,
}: Pick<Job, 'id' | 'status' | 'failure'>): { when: string; command: string } | undefined {
  const command = `csvjobs retry ${id}`;
  if (status === 'cancelled') return { when: 'to go on', command };
  if (status !== 'failed' || !retryCanHelp(failure?.code)) return undefined;
  return { when: 'when that is mended', command };
}
