/** `csvjobs errors`: writes the report of rejected rows to stdout or a file. */
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { ORIGINAL, type ReportFormat } from '@csvjobs/shared/paths';
import type { DaemonClient } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { LAST, resolveId } from '../jobId.js';
import { firstRecords } from '../report/firstRecords.js';
import { reportName } from '../report/reportName.js';
import { saveReport } from '../report/saveReport.js';
import { bytes, clean, cleanLines, plural, shellQuote } from '../text/text.js';

export interface ErrorsOptions {
  /** A path, `-` for stdout. */
  output: string;
  /** `original`: the records as they stand in the file. */
  format: ReportFormat | typeof ORIGINAL;
  /** For spreadsheets: with a byte order mark, and text instead of formulas. */
  excel: boolean;
  /** Shows every row, also on a terminal. */
  all: boolean;
}

/** How many rows a terminal shows by default. */
const ON_TERMINAL = 20;

/** Streams the report without holding it in memory. A terminal shows control characters instead of obeying them. */
export async function errors(
  context: Context,
  id: string,
  { output, format, excel, all }: ErrorsOptions,
): Promise<ExitCode> {
  const client = await context.client();
  const warn = (text: string) => {
    if (!context.quiet && !context.json) context.err.line(context.err.paint.yellow(`! ${text}`));
  };
  const onBreak = (after: number, why: string) => {
    const where = after === 0 ? 'before its first row' : `after row ${after}`;
    warn(`the report broke off ${where} (${why}); continuing from there`);
  };
  const jobId = await resolveId(client, id);
  if (id.startsWith(LAST) && context.err.tty && !context.quiet && !context.json)
    context.err.line(context.err.paint.dim(`Rejected rows of job ${jobId.slice(0, 8)}`));
  const report =
    format === ORIGINAL
      ? await client.originals(jobId, {
          excel,
          onBreak: (why) => warn(`the report broke off (${why}); trying again`),
        })
      : await client.report(jobId, format, { excel, onBreak });
  if (output !== '-') {
    let size = 0;
    async function* counted() {
      for await (const chunk of report) {
        size += chunk.length;
        yield chunk;
      }
    }
    await saveReport(counted(), output, context.signal);
    if (!context.quiet) context.err.line(`saved ${clean(output)} (${bytes(size)})`);
    return EXIT.done;
  }
  const { stream, tty } = context.out;
  const decoder = new StringDecoder('utf8');
  let cut = false;
  let lines = 0;
  const shown =
    tty && !all && format !== 'json'
      ? firstRecords(report, ON_TERMINAL + (format === 'ndjson' ? 0 : 1), () => {
          cut = true;
        })
      : report;
  for await (const chunk of shown) {
    const text = tty ? cleanLines(decoder.write(chunk).replace(/^\ufeff/, '')) : chunk;
    if (typeof text === 'string') lines += text.split('\n').length - 1;
    const taken = stream.write(text);
    if (!taken) await once(stream, 'drain', { signal: context.signal });
  }
  if (cut && !context.quiet) await sayMore(context, client, jobId);
  const headerLines = format === 'csv' ? 1 : 0;
  if (tty && !context.quiet && format !== 'json' && lines <= headerLines)
    context.err.hint(context.err.paint.dim(`Job ${jobId.slice(0, 8)} has no rejected rows.`));
  return EXIT.done;
}

/** Prints the total number of rejected rows, and how to get them all. */
async function sayMore({ err }: Context, client: DaemonClient, jobId: string): Promise<void> {
  const { failedCount, filename } = await client.job(jobId);
  const print = `csvjobs errors ${jobId.slice(0, 8)}`;
  err.hint(err.paint.dim(`The first ${ON_TERMINAL} of ${plural(failedCount, 'rejected row')}. All of them:`));
  for (const way of [`${print} | less`, `${print} -o ${shellQuote(reportName(filename))}`])
    err.hint(`  ${err.paint.cyan(way)}`);
}
