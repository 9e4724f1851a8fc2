/** `csvjobs errors`: the report of rejected rows, to stdout or to a file. */
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { ORIGINAL, type ReportFormat } from '@csvjobs/shared/paths';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { saveReport } from '../report/saveReport.js';
import { bytes, clean, cleanLines } from '../text/text.js';

export interface ErrorsOptions {
  /** A path, `-` for stdout. */
  output: string;
  /** `original`: the records as they are in the file. */
  format: ReportFormat | typeof ORIGINAL;
  /** Cells that a spreadsheet would run as formulas are made text. */
  excel: boolean;
}

/** Streams the report; nothing of it is held. On a terminal control characters are shown, not obeyed. */
export async function errors(
  context: Context,
  id: string,
  { output, format, excel }: ErrorsOptions,
): Promise<ExitCode> {
  const client = await context.client();
  const warn = (text: string) => {
    if (!context.quiet && !context.json) context.err.line(context.err.paint.yellow(`! ${text}`));
  };
  const onBreak = (after: number, why: string) => {
    const where = after === 0 ? 'before its first row' : `after row ${after}`;
    warn(`the report broke off ${where} (${why}); going on from there`);
  };
  const jobId = await resolveId(client, id);
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
  for await (const chunk of report) {
    const taken = stream.write(tty ? cleanLines(decoder.write(chunk)) : chunk);
    if (!taken) await once(stream, 'drain', { signal: context.signal });
  }
  return EXIT.done;
}
