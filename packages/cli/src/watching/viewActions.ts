/** What the keys of the live views do. */

import type { DaemonClient } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { reportName } from '../report/reportName.js';
import type { ViewActions } from '../ui/actions.js';
import { asUserError } from '../userError.js';

/** The actions on one daemon; each returns a sentence to show. `leave` ends the view, never the job. */
export function viewActions(context: Context, client: DaemonClient, leave: () => void): ViewActions {
  return {
    leave,
    cancel: (jobId) => said(client.cancel(jobId).then(() => 'asked to cancel')),
    saveReport: async (jobId, filename) => {
      const { saveReport } = await import('../report/saveReport.js');
      const file = reportName(filename);
      return said(saveReport(await client.report(jobId), file, context.signal).then(() => `saved ${file}`));
    },
  };
}

async function said(action: Promise<string>): Promise<string> {
  return action.catch((error: unknown) => {
    const { message, why } = asUserError(error);
    return why === undefined ? message : `${message}: ${why}`;
  });
}
