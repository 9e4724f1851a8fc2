/** `csvjobs undo`: removes the rows of a job again, and says what had to stay. */
import type { UndoResult } from '@csvjobs/shared';
import { leftByUndo } from '@csvjobs/shared/rules';
import { agreed, canAsk } from '../ask.js';
import type { DaemonClient } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { fileAndTable } from '../text/fileAndTable.js';
import { plural, toJson } from '../text/text.js';
import { undoLines } from '../text/undone.js';
import { usageError } from '../userError.js';
import { orNextStep } from './refusedJob.js';

/** On a terminal, asks first and shows the result of a dry run; elsewhere it requires `yes`. */
export async function undo(
  context: Context,
  id: string,
  { yes, dryRun }: { yes: boolean; dryRun: boolean },
): Promise<ExitCode> {
  const client = await context.client();
  const jobId = await resolveId(client, id);
  const asks = !yes && !dryRun;
  if (asks && !canAsk(context))
    throw usageError(
      'Undoing a job needs a confirmation',
      'there is no terminal to ask on',
      `csvjobs undo ${jobId.slice(0, 8)} --yes, or csvjobs undo ${jobId.slice(0, 8)} --dry-run to see which rows would be removed`,
    );
  if (asks && !(await confirmed(context, client, jobId))) {
    context.err.line('Nothing was undone.');
    return EXIT.usage;
  }
  const result = await orNextStep(context, client, jobId, 'undo', client.undo(jobId, dryRun));
  // Whether anything was undone; otherwise the job is unchanged.
  const did = result.removed + result.restored > 0;
  const code = did || dryRun ? EXIT.done : EXIT.failed;
  if (context.json) context.out.line(toJson(result));
  else if (context.quiet) context.out.line(jobId);
  else for (const line of undoLines(result, context.out.columns)) context.out.line(line);
  if (context.json || context.quiet) return code;
  if (dryRun) context.err.line('Nothing was changed: this was a dry run.');
  else if (!did) context.err.line('Nothing was undone; the job is unchanged.');
  else if (leftByUndo(result) > 0)
    context.err.hint(`To undo the rest later: csvjobs undo ${jobId.slice(0, 8)}`);
  if (!asks) nameOthers(context, result);
  return code;
}

async function confirmed(context: Context, client: DaemonClient, jobId: string): Promise<boolean> {
  const { filename, table } = await client.job(jobId);
  const found = await orNextStep(context, client, jobId, 'undo', client.undo(jobId, true));
  context.err.line('The undo would do this:');
  for (const line of undoLines(found, context.err.columns, '  ')) context.err.line(line);
  nameOthers(context, found);
  return agreed(context, `Undo job ${jobId.slice(0, 8)} (${fileAndTable(filename, table)})? [y/N] `);
}

/**
 * Names the jobs that have changed the same rows since, which can be undone first, and the jobs with fixed records of
 * this job, which are not undone with it.
 */
function nameOthers({ err }: Context, { jobId, children, dryRun, changedBy = [] }: UndoResult): void {
  for (const { jobId: later, rows } of changedBy) {
    const first = `csvjobs undo ${later.slice(0, 8)}`;
    const then = dryRun ? '' : `, then csvjobs undo ${jobId.slice(0, 8)}`;
    err.hint(
      `${plural(rows, 'row')} changed since by job ${later.slice(0, 8)}; to undo that first: ${first}${then}`,
    );
  }
  const named = new Set(changedBy.map(({ jobId: later }) => later));
  for (const child of children.filter((each) => !named.has(each)))
    err.hint(
      `The fixed rows of job ${child.slice(0, 8)} stay; to undo them too: csvjobs undo ${child.slice(0, 8)}`,
    );
}
