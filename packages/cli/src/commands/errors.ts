/** `csvjobs errors`: the report of rejected rows, to stdout or to a file. */
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import type { ReportFormat } from '@csvjobs/shared';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { saveReport } from '../report/saveReport.js';
import { bytes, clean, cleanLines } from '../text/text.js';

export interface ErrorsOptions {
  /** A path, `-` for stdout. */
  output: string;
  format: ReportFormat;
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
  const onBreak = (after: number, why: string) => {
    if (context.quiet || context.json) return;
    const where = after === 0 ? 'before its first row' : `after row ${after}`;
    context.err.line(
      context.err.paint.yellow(`! the report broke off ${where} (${why}); going on from there`),
    );
  };
  const report = await client.report(await resolveId(client, id), format, { excel, onBreak });
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
