/** How a job looks: a sign and a colour, so that each works without the other. */
import type { Job, JobStatus } from '@csvjobs/shared';
import type { Paint } from '../text/paint.js';

type Counted = Pick<Job, 'status' | 'successCount' | 'failedCount' | 'reading'>;

const SIGNS: Record<JobStatus, string> = {
  pending: '○',
  processing: '●',
  held: '◆',
  completed: '✓',
  failed: '✗',
  cancelled: '◌',
  undone: '↺',
};

/** A tick for a job that is done and loaded everything, `!` for one with rejects, `✗` for one that loaded nothing. */
export function jobSign({ status, successCount, failedCount, reading }: Counted): string {
  if (status === 'pending' && reading) return SIGNS.processing;
  if (status !== 'completed' || failedCount === 0) return SIGNS[status];
  return successCount === 0 ? '✗' : '!';
}

/** Paints text in the colour of the sign. */
export function jobPaint(
  { status, successCount, failedCount, reading }: Counted,
  paint: Paint,
): (text: string) => string {
  if (status === 'completed' && failedCount === 0) return paint.green;
  if (status === 'completed') return successCount === 0 ? paint.red : paint.yellow;
  if (status === 'held') return paint.yellow;
  if (status === 'failed') return paint.red;
  return status === 'processing' || reading ? paint.cyan : paint.dim;
}
