import type { JobStatus } from './job.js';

/** Whether a status is final: no event follows it (unless the job is retried or undone). */
export function isFinal(status: JobStatus): boolean {
  return status !== 'pending' && status !== 'processing' && status !== 'held';
}
