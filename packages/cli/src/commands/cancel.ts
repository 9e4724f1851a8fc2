/** `csvjobs cancel`: asks the daemon to stop a job. Loaded rows stay; `csvjobs retry` continues from there. */
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { toJson } from '../text/text.js';
import { orNextStep } from './refusedJob.js';

export async function cancel(context: Context, id: string): Promise<ExitCode> {
  const client = await context.client();
  const jobId = await resolveId(client, id);
  await orNextStep(context, client, jobId, 'cancel', client.cancel(jobId));
  context.out.line(context.json ? toJson({ jobId }) : jobId);
  return EXIT.done;
}
