/** `csvjobs load`: loads the file of a dry run, as a job of its own. */
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { noteJob } from '../recentJobs.js';
import { toJson } from '../text/text.js';
import { confirmLoad } from './confirmReplace.js';
import { sharesTerminal } from './uploadResult.js';
import { type WatchOptions, watch } from './watch.js';

export async function load(
  context: Context,
  id: string,
  options: WatchOptions & { watch: boolean; yes?: boolean },
): Promise<ExitCode> {
  const client = await context.client();
  const dryRun = await resolveId(client, id);
  await confirmLoad(context, await client.job(dryRun), options);
  const { jobId } = await client.load(dryRun);
  noteJob(client.url, jobId);
  if (!options.watch) context.out.line(context.json ? toJson({ jobId, dryRun }) : jobId);
  if (!options.watch) return EXIT.done;
  if (!context.json && !sharesTerminal(context)) context.out.line(jobId);
  return watch(context, [jobId], options);
}
