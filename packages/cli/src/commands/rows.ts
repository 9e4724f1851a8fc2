/** `csvjobs rows`: writes the rows that a job has loaded, in their current state, to stdout or a file. */
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { CUSTOMERS, type RowFormat } from '@csvjobs/shared/paths';
import type { DaemonClient } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { RowCount } from '../report/rowCount.js';
import { saveReport } from '../report/saveReport.js';
import { clean, cleanLines, plural } from '../text/text.js';
import { orNextStep } from './refusedJob.js';

export interface RowsOptions {
  /** A path, `-` for stdout. */
  output: string;
  format: RowFormat;
  /** Puts the job, and whether the row has changed since, in front of each row. */
  withIds: boolean;
}

/** Streams the rows without holding them in memory. A terminal shows control characters instead of obeying them. */
export async function rows(
  context: Context,
  id: string,
  { output, format, withIds }: RowsOptions,
): Promise<ExitCode> {
  const client = await context.client();
  const jobId = await resolveId(client, id);
  const { body, loaded } = await orNextStep(
    context,
    client,
    jobId,
    'rows',
    client.rows(jobId, format, withIds),
  );
  const counter = new RowCount(format);
  const counted = counter.counted(body);
  if (output !== '-') await saveReport(counted, output, context.signal);
  else await print(context, counted);
  if (context.quiet || context.json) return EXIT.done;
  if (output !== '-') context.err.line(`saved ${clean(output)} (${plural(counter.rows, 'row')})`);
  const gone = (loaded ?? 0) - counter.rows;
  if (gone > 0)
    context.err.line(`${plural(gone, 'loaded row')} ${await whereGone(client, jobId, counter.rows === 0)}`);
  return EXIT.done;
}

/**
 * Rows of customers name the job they came from, even if they have changed since.
 * @param none whether not a single row was found: then ALTER TABLE may have given each of them a new ID
 */
async function whereGone(client: DaemonClient, jobId: string, none: boolean): Promise<string> {
  const { status, table = CUSTOMERS } = await client.job(jobId);
  if (status === 'undone') return 'not found: the job was undone';
  if (table === CUSTOMERS) return 'not found: deleted since';
  // The job was read, but this token may not load into its table any more, or the table is gone.
  const described = await client.table(table).catch(() => undefined);
  const hidden = described?.rowSecurity ? ', or not visible to the database role (row security)' : '';
  const rewritten = none ? ', or rewritten with the table by ALTER TABLE' : '';
  return `not found as loaded: deleted or changed since${rewritten}${hidden}; ${clean(table)} does not say which`;
}

async function print({ out, signal }: Context, chunks: AsyncIterable<Buffer>): Promise<void> {
  const { stream, tty } = out;
  const decoder = new StringDecoder('utf8');
  for await (const chunk of chunks) {
    const taken = stream.write(tty ? cleanLines(decoder.write(chunk)) : chunk);
    if (!taken) await once(stream, 'drain', { signal });
  }
}
