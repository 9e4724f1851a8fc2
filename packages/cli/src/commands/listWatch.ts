/** `csvjobs list --watch`: follows all jobs: a live board, lines in a pipe, NDJSON with --json. */
import type { JobSummary } from '@csvjobs/shared';
import { CUSTOMERS } from '@csvjobs/shared/paths';
import { type BoardUpdate, followBoard } from '../client/boardEvents.js';
import type { DaemonClient } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { anySignal } from '../signals.js';
import { fileAndTable } from '../text/fileAndTable.js';
import { foldedFor } from '../text/fold.js';
import { readingText } from '../text/reading.js';
import { count, percent, plural, toJson } from '../text/text.js';
import { fittingCommands } from '../ui/fittingCommands.js';
import { apply, createJobs } from '../ui/jobs.js';
import { Interrupted } from '../userError.js';
import { viewActions } from '../watching/viewActions.js';
import type { ListOptions } from './list.js';
import { describe } from './show.js';

/** Follows until `q` (exit 0), a signal, or until the daemon has been away for too long. */
export async function listWatch(context: Context, options: ListOptions): Promise<ExitCode> {
  const client = await context.client();
  const leave = new AbortController();
  const signal = anySignal([context.signal, leave.signal]);
  const patience = context.settings.reconnect.value;
  // The daemon says how it writes the table.
  let shows: Shows = () => false;
  const board = context.out.tty && !context.json && context.progress === 'tty';
  const { handle, close } = board
    ? await drawn(context, client, { ...options, shows: (job) => shows(job) }, () => leave.abort())
    : printed(context, (job) => shows(job));
  try {
    const found = await client.summaries({ table: options.table, signal });
    shows = shownBy(options, found);
    if (!context.json) handle({ type: 'jobs', jobs: found });
    await followBoard(client, { signal, patience }, handle);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await close();
  }
  const { reason } = context.signal as { reason?: unknown };
  if (reason instanceof Interrupted) return reason.exitCode;
  if (context.signal.aborted) throw reason;
  return EXIT.done;
}

type Shows = (job: JobSummary) => boolean;

/**
 * Decides which jobs to show. The stream has jobs of all tables; the listed jobs show how the daemon spells the
 * requested one.
 */
function shownBy({ status, table }: ListOptions, found: readonly JobSummary[]): Shows {
  const written = found[0]?.table ?? table;
  return (job) =>
    (status === undefined || status.includes(job.status)) &&
    (table === undefined || (job.table ?? CUSTOMERS) === written);
}

interface BoardOutput {
  handle(event: BoardUpdate): void;
  close(): Promise<unknown>;
}

async function drawn(
  context: Context,
  client: DaemonClient,
  { table, limit, shows }: ListOptions & { shows: Shows },
  leave: () => void,
): Promise<BoardOutput> {
  const { liveBoard } = await import('../ui/liveBoard.js');
  const jobs = createJobs(shows, limit);
  const { close } = liveBoard(context, jobs, {
    ...viewActions(context, client, leave),
    interrupt: () => context.interrupt(EXIT.interrupted),
    refresh: () =>
      client.summaries({ table }).then(
        (found) => {
          jobs.handle({ type: 'jobs', jobs: found });
          return '';
        },
        (error: Error) => error.message,
      ),
    describe: async (jobId, columns) => {
      const lines = await describe(await client.job(jobId), context.out.paint, columns);
      return lines.flatMap((line) => fittingCommands(line, columns, context.out.typed));
    },
  });
  return { handle: jobs.handle, close };
}

/** Prints lines on stdout: a document per event, or for people a line per change of status and per tenth. */
function printed({ out, err, json, quiet }: Context, shows: Shows): BoardOutput {
  const byId = new Map<string, JobSummary>();
  const said = new Map<string, string>();
  const line = (job: JobSummary) => {
    const rows = `${percent(job.processedRows, job.totalRows)} of ${plural(job.totalRows, 'row')}`;
    const pending = job.reading ? `pending, ${readingText(job.reading)}` : 'pending';
    const state = job.status === 'pending' ? pending : `${job.status}, ${rows}`;
    return `${job.id} ${fileAndTable(job.filename, job.table)}: ${state}, ${count(job.failedCount)} rejected`;
  };
  const handle = (event: BoardUpdate) => {
    if (event.type === 'reconnecting' && !quiet && !json) err.line(`reconnecting (${event.reason})`);
    apply(byId, event);
    if (json) {
      // Prints what a GET found while the stream is down, in the form of the stream's events.
      const jobLine = (job: JobSummary) => out.line(toJson({ type: 'job', jobId: job.id, job }));
      if (event.type === 'jobs') event.jobs.forEach(jobLine);
      else if (event.type === 'job') jobLine(event.job);
      else out.line(toJson(event));
      return;
    }
    for (const job of byId.values()) {
      if (!shows(job)) continue;
      const { readBytes: done, totalBytes: all } = job.reading ?? {
        readBytes: job.processedRows,
        totalBytes: job.totalRows,
      };
      const tenth = Math.floor((done / Math.max(1, all)) * 10);
      const state = `${job.status} ${job.reading?.pass ?? 1} ${tenth}`;
      if (said.get(job.id) === state) continue;
      said.set(job.id, state);
      out.line(quiet ? job.id : foldedFor(out.stream, line(job)));
    }
  };
  return { handle, close: async () => {} };
}
