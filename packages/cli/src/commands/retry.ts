/** `csvjobs retry`: puts a failed or cancelled job back into the queue, from its last checkpoint. */
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { toJson } from '../text/text.js';
import { confirmLoad } from './confirmReplace.js';
import { orNextStep } from './refusedJob.js';

/** Asks before it replaces the content of a table that an undo has brought back. */
export async function retry(context: Context, id: string, options: { yes?: boolean }): Promise<ExitCode> {
  const client = await context.client();
  const jobId = await resolveId(client, id);
  const job = await client.job(jobId);
  if (job.status === 'undone') await confirmLoad(context, job, options);
  await orNextStep(context, client, jobId, 'retry', client.retry(jobId));
  context.out.line(context.json ? toJson({ jobId }) : jobId);
  return EXIT.done;
}
