/** `csvjobs retry`: puts a failed or cancelled job back into the queue, from its last checkpoint. */
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { toJson } from '../text/text.js';

export async function retry(context: Context, id: string): Promise<ExitCode> {
  const client = await context.client();
  const jobId = await resolveId(client, id);
  await client.retry(jobId);
  context.out.line(context.json ? toJson({ jobId }) : jobId);
  return EXIT.done;
}
