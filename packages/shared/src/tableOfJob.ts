import type { Job } from './job.js';
import { CUSTOMERS } from './paths.js';

/** The table of a job, including a job from an older daemon that does not send it. */
export function tableOfJob({ table }: Pick<Job, 'table'>): string {
  return table ?? CUSTOMERS;
}
