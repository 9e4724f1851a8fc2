import { CUSTOMERS, type Job, tableOfJob } from '@csvjobs/shared';
import { adviceFor } from '../sql/jobErrors.js';
import type { Pool } from '../sql/pool.js';

/** A job with advice for its reasons. Those of customers contain it: their messages are the reference's. */
export async function withAdvice(pool: Pool, job: Job): Promise<Job> {
  if (!job.reasons?.length || tableOfJob(job) === CUSTOMERS) return job;
  const advice = await adviceFor(pool, job.id);
  const advised = ({ message }: { message: string }) => {
    const found = advice.get(message);
    return found === undefined ? {} : { advice: found };
  };
  return { ...job, reasons: job.reasons.map((reason) => ({ ...reason, ...advised(reason) })) };
}
