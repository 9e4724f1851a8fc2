/** What the keys of the live views do. */
import { access } from 'node:fs/promises';
import type { DaemonClient } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { reportName } from '../report/reportName.js';
import { clean, count } from '../text/text.js';
import type { ViewActions } from '../ui/actions.js';
import { asUserError } from '../userError.js';

/** The actions on one daemon; each returns a sentence to show. `leave` ends the view, never the job. */
export function viewActions(context: Context, client: DaemonClient, leave: () => void): ViewActions {
  return {
    leave,
    cancel: (jobId, filename) =>
      said(context, async () => {
        await client.cancel(jobId);
        return `cancelled ${clean(filename)}`;
      }),
    accept: (jobId, filename) =>
      said(context, async () => {
        await client.accept(jobId);
        return `accepted ${clean(filename)}`;
      }),
    discard: (jobId, filename) =>
      said(context, async () => {
        await client.discard(jobId);
        return `discarded ${clean(filename)}`;
      }),
    saveReport: (jobId, filename, over) =>
      said(context, async () => {
        const { failedCount, processedRows } = await client.job(jobId);
        if (failedCount === 0)
          return `${clean(filename)} has no rejected rows${over ? '' : ` among the first ${count(processedRows)}`}`;
        const { saveReport } = await import('../report/saveReport.js');
        const file = await freeName(jobId, filename);
        await saveReport(await client.report(jobId), file, context.signal);
        return `saved ${clean(file)}${over ? '' : ': the rows rejected so far'}`;
      }),
  };
}

/**
 * A key does not ask for a name, so never overwrite: an existing file may be the report of another job with this name.
 */
async function freeName(jobId: string, filename: string): Promise<string> {
  const id = jobId.slice(0, 8);
  for (let at = 0; ; at++) {
    const name = reportName(filename, at === 0 ? '' : at === 1 ? id : `${id}-${at}`);
    const there = await access(name).then(
      () => true,
      () => false,
    );
    if (!there) return name;
  }
}

/** Returns an action's message, or why it failed: a key never stops a view with an error. */
async function said({ err }: Context, action: () => Promise<string>): Promise<string> {
  try {
    return await action();
  } catch (error) {
    const { message, why } = asUserError(error);
    return err.typed(why === undefined ? message : `${message}: ${why}`);
  }
}
