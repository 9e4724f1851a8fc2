/** `csvjobs retry`: puts a failed or cancelled job back into the queue, from its last checkpoint. */
import type { DaemonClient } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { retryHint } from '../report/retryHint.js';
import { toJson } from '../text/text.js';
import { asUserError, UserError } from '../userError.js';

export async function retry(context: Context, id: string): Promise<ExitCode> {
  const client = await context.client();
  const jobId = await resolveId(client, id);
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
  if (!hint) return error;
  const { code, exitCode, message: what, why, cause } = error;
  return new UserError({ code, exitCode, what, why, next: `${hint.when}: ${hint.command}`, cause });
}
