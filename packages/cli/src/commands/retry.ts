/** `csvjobs retry`: puts a failed or cancelled job back into the queue, from its last checkpoint. */
import type { DaemonClient } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { retryHint } from '../report/retryHint.js';
import { toJson } from '../text/text.js';
import { asUserError, type UserError, withNext } from '../userError.js';
import { confirmLoad } from './confirmReplace.js';

/** Asks before it replaces the content of a table that an undo has brought back. */
export async function retry(context: Context, id: string, options: { yes?: boolean }): Promise<ExitCode> {
  const client = await context.client();
  const jobId = await resolveId(client, id);
  const job = await client.job(jobId);
  if (job.status === 'undone') await confirmLoad(context, job, options);
  await client.retry(jobId).catch(async (error: unknown) => {
    throw await withNextStep(client, jobId, asUserError(error));
  });
  context.out.line(context.json ? toJson({ jobId }) : jobId);
  return EXIT.done;
}

/** A job that a retry cannot help has a next step of its own. */
async function withNextStep(client: DaemonClient, jobId: string, error: UserError): Promise<UserError> {
  if (error.code !== 'job_state_conflict') return error;
  const hint = await client.job(jobId).then(retryHint, () => undefined);
  return hint ? withNext(error, `${hint.when}: ${hint.command}`) : error;
}
