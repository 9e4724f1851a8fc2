/** `csvjobs errors --summary`: counts the rejected rows for each reason. */
import type { Job, ReasonCount } from '@csvjobs/shared';
import type { DaemonClient } from '../client/daemonClient.js';
import type { Context, Output } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { digest } from '../report/digest.js';
import { type Column, table } from '../text/table.js';
import { clean, count, percent, toJson } from '../text/text.js';
import { bar } from '../ui/bar.js';

/** Width of the longest bar, in terminal cells. */
const BAR_WIDTH = 20;

const COLUMNS: readonly Column[] = [
  { title: 'ROWS', align: 'right' },
  { title: 'SHARE', align: 'right' },
  { title: '', drop: 1 },
  { title: 'REASON', flexible: { min: 16 } },
];

export async function errorSummary(context: Context, id: string): Promise<ExitCode> {
  const { out, err, json } = context;
  const client = await context.client();
  const summary = await summaryOf(client, await client.job(await resolveId(client, id)));
  const { total, reasons } = summary;
  if (json) {
    const counts = reasons.map(({ message, rows }) => ({ message, rows }));
    out.line(toJson({ total, reasons: counts }, out.tty ? 2 : undefined));
  } else if (total === 0) err.line('No row was rejected.');
  else for (const line of await summaryLines(summary, out)) out.line(line);
  return EXIT.done;
}

interface Summary {
  total: number;
  /** Most frequent first. */
  reasons: readonly ReasonCount[];
}

/** Takes the counts from the job; reads the report only if the job has none. */
async function summaryOf(client: DaemonClient, { id, failedCount, reasons }: Job): Promise<Summary> {
  return reasons ? { total: failedCount, reasons } : digest(await client.rejections(id));
}

/** A table of the reasons, most frequent first, with bars. */
export function summaryLines({ total, reasons }: Summary, out: Output): Promise<string[]> {
  const most = reasons[0]?.rows ?? 1;
  const rows = reasons.map(({ message, rows: number }) => [
    { text: count(number), paint: out.paint.yellow },
    { text: percent(number, total) },
    { text: bar(number / most, BAR_WIDTH).filled, paint: out.paint.cyan },
    { text: clean(message) },
  ]);
  return table(COLUMNS, rows, out.columns, out.paint.dim);
}
