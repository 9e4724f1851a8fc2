/** `csvjobs list`: the daemon's jobs, newest first. */
import type { Job, JobStatus } from '@csvjobs/shared';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { shortId } from '../jobId.js';
import { type Cell, type Column, table } from '../table.js';
import { age, clean, count, percent, toJson } from '../text.js';
import { statusPaint, statusSign } from '../ui/status.js';

export interface ListOptions {
  status: readonly JobStatus[] | undefined;
  limit: number | undefined;
}

const COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'STATUS' },
  { title: 'DONE', align: 'right', drop: 3 },
  { title: 'ROWS', align: 'right', drop: 4 },
  { title: 'GOOD', align: 'right', drop: 2 },
  { title: 'BAD', align: 'right', drop: 1 },
  { title: 'AGE', align: 'right', drop: 5 },
  { title: 'FILE', flexible: { min: 12 } },
];

export async function list(context: Context, { status, limit }: ListOptions): Promise<ExitCode> {
  const client = await context.client();
  const all = await client.jobs();
  const jobs = all.filter((job) => status === undefined || status.includes(job.status)).slice(0, limit);
  const { out, err, json, quiet } = context;
  if (json) out.line(toJson(jobs, out.tty ? 2 : undefined));
  else if (quiet) for (const { id } of jobs) out.line(id);
  else if (jobs.length > 0) for (const line of await lines(context, jobs, all)) out.line(line);
  else if (all.length > 0)
    err.line(`No job is ${status?.join(' or ') ?? 'shown'}; ${all.length} are there in all.`);
  else err.line('There are no jobs yet. The next step: csvjobs upload <file> --watch');
  return EXIT.done;
}

async function lines({ out }: Context, jobs: readonly Job[], all: readonly Job[]): Promise<string[]> {
  const { paint, columns } = out;
  const now = Date.now();
  const rows = jobs.map((job): Cell[] => {
    const painted = statusPaint(job.status, job.failedCount, paint);
    return [
      // In a pipe the whole id, in which nothing can become ambiguous later.
      { text: columns === undefined ? job.id : shortId(job.id, all), paint: paint.bold },
      { text: `${statusSign(job.status)} ${job.status}`, paint: painted },
      { text: job.status === 'completed' ? '100 %' : percent(job.processedRows, job.totalRows) },
      { text: count(job.totalRows) },
      { text: count(job.successCount) },
      { text: count(job.failedCount), ...(job.failedCount > 0 && { paint: paint.yellow }) },
      { text: age(Math.max(0, now - Date.parse(job.createdAt))), paint: paint.dim },
      { text: clean(job.filename) },
    ];
  });
  return table(COLUMNS, rows, columns, paint.dim);
}
