/** Adds the next step to the error of a request that the state of its job does not allow. */
import type { DaemonClient } from '../client/daemonClient.js';
import { type JobAction, nextStep } from '../report/nextStep.js';
import { asUserError, type UserError, withNext } from '../userError.js';

/** The problems that are about the state of a job; what helps depends on that state. */
const OF_THE_STATE = ['job_state_conflict', 'nothing_to_undo'];

/** Waits for the answer of a request about a job. @throws UserError with the command that helps */
export async function orNextStep<T>(
  client: DaemonClient,
  jobId: string,
  asked: JobAction,
  answer: Promise<T>,
): Promise<T> {
  return answer.catch(async (error: unknown) => {
    throw await withNextStep(client, jobId, asked, asUserError(error));
  });
}

/** Returns the error unchanged unless it is about the state of the job, or if the job cannot be read. */
export async function withNextStep(
  client: DaemonClient,
  jobId: string,
  asked: JobAction,
  error: UserError,
): Promise<UserError> {
  if (!OF_THE_STATE.includes(error.code)) return error;
  const job = await client.job(jobId).catch(() => undefined);
  if (!job) return error;
  const does = asked === 'rows' ? 'print the rows of' : asked;
  const what = error.code === 'job_state_conflict' ? `Cannot ${does} job ${jobId.slice(0, 8)}` : undefined;
  return withNext(error, nextStep(job, asked), what);
}
