/** `csvjobs list`: the daemon's jobs, newest first. */
import type { Job, JobStatus } from '@csvjobs/shared';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { JOB_COLUMNS, jobRows } from '../jobTable.js';
import { table } from '../table.js';
import { toJson } from '../text.js';

export interface ListOptions {
  status: readonly JobStatus[] | undefined;
  limit: number | undefined;
}

export async function list(context: Context, { status, limit }: ListOptions): Promise<ExitCode> {
  const client = await context.client();
  const jobs = await client.jobs({ status, limit });
  const { out, err, json, quiet } = context;
  if (json) out.line(toJson(jobs, out.tty ? 2 : undefined));
  else if (quiet) for (const { id } of jobs) out.line(id);
  else if (jobs.length > 0) for (const line of await lines(context, jobs)) out.line(line);
  else if (status) err.line(`No job is ${status.join(' or ')}.`);
  else err.line('There are no jobs yet. The next step: csvjobs upload <file> --watch');
  return EXIT.done;
}

async function lines({ out }: Context, jobs: readonly Job[]): Promise<string[]> {
  const { paint, columns } = out;
  return table(JOB_COLUMNS, jobRows(jobs, jobs, paint, columns !== undefined), columns, paint.dim);
}
