/** Adds the next step to the error of a request that the state of its job does not allow. */
import { canAsk } from '../ask.js';
import type { DaemonClient } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { EXIT } from '../exitCodes.js';
import { type JobAction, nextStep } from '../report/nextStep.js';
import { asUserError, type UserError, withExit, withNext } from '../userError.js';

/** The problems that are about the state of a job; what helps depends on that state. */
const NOTHING = 'nothing_to_undo';
const OF_THE_STATE = ['job_state_conflict', NOTHING];

/** Waits for the answer of a request about a job. @throws UserError with the command that helps */
export async function orNextStep<T>(
  context: Pick<Context, 'stdin' | 'err'>,
  client: DaemonClient,
  jobId: string,
  asked: JobAction,
  answer: Promise<T>,
): Promise<T> {
  return answer.catch(async (error: unknown) => {
    throw await withNextStep(context, client, jobId, asked, asUserError(error));
  });
}

/** Returns the error unchanged unless it is about the state of the job, or if the job cannot be read. */
export async function withNextStep(
  context: Pick<Context, 'stdin' | 'err'>,
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
  const refused = withNext(error, nextStep(job, asked, canAsk(context)), what);
  // As after an undo that leaves the job unchanged.
  return error.code === NOTHING && asked === 'undo' ? withExit(refused, EXIT.failed) : refused;
}
