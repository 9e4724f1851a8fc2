/** `csvjobs list`: the daemon's jobs, newest first. */
import type { JobStatus, JobSummary } from '@csvjobs/shared';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { JOB_COLUMNS, jobRows } from '../text/jobTable.js';
import { table } from '../text/table.js';
import { clean, toJson } from '../text/text.js';

export interface ListOptions {
  status: readonly JobStatus[] | undefined;
  /** Its name, as jobs have it. */
  table: string | undefined;
  limit: number | undefined;
}

export async function list(context: Context, { status, table: into, limit }: ListOptions): Promise<ExitCode> {
  const client = await context.client();
  const { out, err, json, quiet } = context;
  if (json) {
    out.line(toJson(await client.jobs({ status, table: into, limit }), out.tty ? 2 : undefined));
    return EXIT.done;
  }
  const jobs = await client.summaries({ status, table: into, limit });
  // In one write, not one for each of a thousand lines.
  if (jobs.length > 0) out.line((quiet ? jobs.map(({ id }) => id) : await lines(context, jobs)).join('\n'));
  else if (quiet) return EXIT.done;
  else if (into !== undefined) err.line(`There are no such jobs into ${clean(into)}. Others: csvjobs list`);
  else if (status) err.line(`No job is ${status.join(' or ')}.`);
  else err.line('There are no jobs yet. The next step: csvjobs upload <file> --watch');
  return EXIT.done;
}

async function lines({ out }: Context, jobs: readonly JobSummary[]): Promise<string[]> {
  const { paint, columns } = out;
  return table(JOB_COLUMNS, jobRows(jobs, jobs, paint, columns !== undefined), columns, paint.dim);
}
