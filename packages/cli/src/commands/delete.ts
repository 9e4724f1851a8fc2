/** `csvjobs delete`: deletes a finished job, its report and its file; the rows that it loaded stay. */
import type { Job } from '@csvjobs/shared';
import { hasLoaded, isFinal, leftByUndo, loadsNothing } from '@csvjobs/shared/rules';
import { agreed, canAsk } from '../ask.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { clean, count, plural, toJson } from '../text/text.js';
import { usageError } from '../userError.js';
import { orNextStep } from './refusedJob.js';

/** Asks for confirmation on a terminal; elsewhere it requires `yes`. */
export async function deleteJob(context: Context, id: string, { yes }: { yes: boolean }): Promise<ExitCode> {
  const client = await context.client();
  const jobId = await resolveId(client, id);
  const job = await client.job(jobId);
  const lost = oldRows(job);
  if (!yes) {
    const warning =
      lost &&
      `the job has ${lost}; once it is deleted, their old values are lost (csvjobs undo ${jobId.slice(0, 8)} restores them before that)`;
    if (!canAsk(context))
      throw usageError(
        'Refusing to delete without confirmation',
        warning ?? 'there is no terminal to ask on',
        `csvjobs delete ${jobId.slice(0, 8)} --yes`,
      );
    if (warning) context.err.line(context.err.paint.yellow(`! ${warning}`));
    const what = `job ${jobId.slice(0, 8)} (${clean(job.filename)}) with its report of ${plural(job.failedCount, 'rejected row')}`;
    const stay = hasLoaded(job) ? ' The rows that it has loaded stay.' : '';
    if (!(await agreed(context, `Delete ${what}?${stay} [y/N] `))) {
      context.err.line('Nothing was deleted.');
      return EXIT.usage;
    }
  }
  await orNextStep(context, client, jobId, 'delete', client.delete(jobId));
  if (yes && lost && !context.quiet)
    context.err.line(`warning: the job had ${lost}; their old values can no longer be restored`);
  context.out.line(context.json ? toJson({ jobId }) : jobId);
  return EXIT.done;
}

/**
 * Counts the old rows that only an undo could restore, which is impossible once the job is deleted; undefined if there
 * are none.
 */
function oldRows(job: Job): string | undefined {
  const { status, counts, undone } = job;
  const { updated = 0, removed = 0 } = counts ?? {};
  if (updated + removed === 0 || !isFinal(status) || loadsNothing(job)) return undefined;
  if (status === 'undone' && (!undone || leftByUndo(undone) === 0 || undone.restored >= updated + removed))
    return undefined;
  const what = [
    ...(removed > 0 ? [`${plural(removed, 'row')} removed`] : []),
    ...(updated > 0 ? [removed > 0 ? `${count(updated)} updated` : `${plural(updated, 'row')} updated`] : []),
  ];
  return what.join(' and ');
}
