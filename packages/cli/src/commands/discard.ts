/** `csvjobs discard`: rolls the rows of a held job back. */
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { toJson } from '../text/text.js';
import { orNextStep } from './refusedJob.js';

export async function discard(context: Context, id: string): Promise<ExitCode> {
  const client = await context.client();
  const jobId = await resolveId(client, id);
  await orNextStep(context, client, jobId, 'discard', client.discard(jobId));
  context.out.line(context.json ? toJson({ jobId }) : jobId);
  return EXIT.done;
}
