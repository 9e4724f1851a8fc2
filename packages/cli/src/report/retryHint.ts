/** What goes on with a job that has ended before its file has. */
import type { Job } from '@csvjobs/shared';

/** The command, with the words before it; undefined where there is nothing to go on with. */
export function retryHint({
  id,
  status,
}: Pick<Job, 'id' | 'status'>): { when: string; command: string } | undefined {
  const command = `csvjobs retry ${id}`;
  if (status === 'cancelled') return { when: 'to go on', command };
  return status === 'failed' ? { when: 'when that is mended', command } : undefined;
}
