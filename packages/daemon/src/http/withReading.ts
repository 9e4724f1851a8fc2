import type { FileReading, JobStatus } from '@csvjobs/shared';
import type { Subscriptions } from '../progress/subscribe.js';

/** A job with how far its file is read, while that is done before the first row is loaded. */
export function withReading<Of extends { id: string; status: JobStatus; reading?: FileReading | undefined }>(
  { reading }: Pick<Subscriptions, 'reading'>,
  job: Of,
): Of {
  const found = job.status === 'pending' ? reading(job.id) : undefined;
  return found ? { ...job, reading: found } : job;
}
