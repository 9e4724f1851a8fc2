/** `csvjobs load`: loads the file of a dry run, as a job of its own. */
import type { Job } from '@csvjobs/shared';
import { canAsk } from '../ask.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { noteJob } from '../recentJobs.js';
import { uploadAgain } from '../report/uploadAgain.js';
import { toJson } from '../text/text.js';
import { asUserError, type UserError, withNext } from '../userError.js';
import { confirmLoad } from './confirmReplace.js';
import { orNextStep } from './refusedJob.js';
import { sharesTerminal } from './uploadResult.js';
import { type WatchOptions, watch } from './watch.js';

/** The problems that only another upload of the file solves. */
const LOADS_NO_MORE = ['target_changed', 'file_gone'];

export async function load(
  context: Context,
  id: string,
  options: WatchOptions & { watch: boolean; yes?: boolean },
): Promise<ExitCode> {
  const client = await context.client();
  const dryRun = await resolveId(client, id);
  const job = await client.job(dryRun);
  await confirmLoad(context, job, options);
  const { jobId } = await orNextStep(context, client, dryRun, 'load', client.load(dryRun)).catch(
    (error: unknown) => {
      throw uploadInstead(asUserError(error), job, canAsk(context));
    },
  );
  noteJob(client.url, jobId);
  if (!options.watch) context.out.line(context.json ? toJson({ jobId, dryRun }) : jobId);
  if (!options.watch) return EXIT.done;
  if (!context.json && !sharesTerminal(context)) context.out.line(jobId);
  return watch(context, [jobId], options);
}

function uploadInstead(error: UserError, job: Job, asks: boolean): UserError {
  if (!LOADS_NO_MORE.includes(error.code)) return error;
  return withNext(error, uploadAgain(job, undefined, asks));
}
