/** How a status looks: a sign and a colour, so that neither is needed alone. */
import type { JobStatus } from '@csvjobs/shared';
import type { Paint } from '../text/paint.js';

const SIGNS: Record<JobStatus, string> = {
  pending: '○',
  processing: '●',
  completed: '✓',
  failed: '✗',
  cancelled: '◌',
  undone: '↺',
};

export function statusSign(status: JobStatus): string {
  return SIGNS[status];
}

/** A completed job with rejects is yellow: it is done, and somebody should look. */
export function statusPaint(status: JobStatus, failedCount: number, paint: Paint): (text: string) => string {
  if (status === 'completed') return failedCount > 0 ? paint.yellow : paint.green;
  if (status === 'failed') return paint.red;
  return status === 'processing' ? paint.cyan : paint.dim;
}
