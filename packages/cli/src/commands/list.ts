/** `csvjobs list`: the daemon's jobs, newest first. */
import type { JobStatus, JobSummary } from '@csvjobs/shared';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { type JobField, jobColumns, jobRows, pickFields } from '../text/jobTable.js';
import { table } from '../text/table.js';
import { clean, toJson } from '../text/text.js';

export interface ListOptions {
  status: readonly JobStatus[] | undefined;
  /** The table's name, as jobs show it. */
  table: string | undefined;
  limit: number | undefined;
  /** Defaults to all columns of a job. */
  columns?: readonly JobField[] | undefined;
}

/** How many jobs a terminal shows by default: more would push the newest ones out of sight. */
const ON_TERMINAL = 30;

export async function list(context: Context, options: ListOptions): Promise<ExitCode> {
  const { status, table: into, limit, columns } = options;
  const client = await context.client();
  const { out, err, json, quiet } = context;
  const which = { status, table: into };
  if (json) {
    const jobs = columns
      ? (await client.summaries({ ...which, limit })).map((job) => pickFields(job, columns))
      : await client.jobs({ ...which, limit });
    out.line(toJson(jobs, out.tty ? 2 : undefined));
    return EXIT.done;
  }
  const most = limit ?? (out.tty && !quiet ? ON_TERMINAL : undefined);
  const cut = limit === undefined && most !== undefined;
  const found = await client.summaries({ ...which, limit: cut ? most + 1 : most });
  const jobs = found.slice(0, most);
  // One write instead of a thousand.
  if (jobs.length > 0)
    out.line((quiet ? jobs.map(({ id }) => id) : await lines(context, jobs, columns)).join('\n'));
  else if (quiet) return EXIT.done;
  else if (into !== undefined) err.hint(`No such jobs into ${clean(into)}. Others: csvjobs list`);
  else if (status) err.hint(`No ${status.join(' or ')} jobs.`);
  else err.hint('There are no jobs yet. Next: csvjobs upload <file> --watch');
  if (found.length > jobs.length)
    err.hint(
      err.paint.dim(
        `The newest ${jobs.length === 1 ? 'job' : `${jobs.length} jobs`}. More: csvjobs list --limit ${jobs.length * 10}`,
      ),
    );
  return EXIT.done;
}

async function lines(
  { out }: Context,
  jobs: readonly JobSummary[],
  fields: readonly JobField[] | undefined,
): Promise<string[]> {
  const { paint, columns } = out;
  const rows = jobRows(jobs, paint, { all: jobs, fields, terminal: columns !== undefined });
  return table(jobColumns(fields), rows, columns, paint.dim);
}
