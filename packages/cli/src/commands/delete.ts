/** `csvjobs delete`: removes a job that has ended, its report and its file; the customers that it loaded stay. */
import { agreed, canAsk } from '../ask.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { clean, plural, toJson } from '../text/text.js';
import { usageError } from '../userError.js';

/** Asks before it does, on a terminal; elsewhere it wants `yes`. */
export async function deleteJob(context: Context, id: string, { yes }: { yes: boolean }): Promise<ExitCode> {
  const client = await context.client();
  const jobId = await resolveId(client, id);
  if (!yes) {
    if (!canAsk(context))
      throw usageError(
        'Refusing to delete without confirmation',
        'there is no terminal to ask on',
        'pass --yes',
      );
    const job = await client.job(jobId);
    const what = `job ${jobId.slice(0, 8)} (${clean(job.filename)}) with its report of ${plural(job.failedCount, 'rejected row')}`;
    if (!(await agreed(context, `Delete ${what}? The rows that it has loaded stay. [y/N] `))) {
      context.err.line('Nothing was deleted.');
      return EXIT.usage;
    }
  }
  await client.delete(jobId);
  context.out.line(context.json ? toJson({ jobId }) : jobId);
  return EXIT.done;
}
