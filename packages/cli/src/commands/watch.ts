/** `csvjobs watch`: follows jobs to their end; a finished one returns what watching it live would have returned. */
import type { Context } from '../context.js';
import type { DaemonClient } from '../daemonClient.js';
import { EXIT, type ExitCode, worst } from '../exitCodes.js';
import { follow, unfinished, withTimeout } from '../follow.js';
import { resolveId } from '../jobId.js';
import type { Gate } from '../outcome.js';
import { printError } from '../printError.js';
import { watchRenderer } from '../renderers.js';
import type { Renderer } from '../ui/happening.js';
import { asUserError, Interrupted, type UserError } from '../userError.js';
import { viewActions } from '../viewActions.js';

export interface WatchOptions {
  gate: Gate | undefined;
  /** Milliseconds. */
  timeout: number | undefined;
}

export async function watch(
  context: Context,
  ids: readonly string[],
  options: WatchOptions,
): Promise<ExitCode> {
  context.watching();
  const client = await context.client();
  // One GET each before anything is drawn: an id that is wrong is told at once.
  const jobs = [];
  for (const id of ids) jobs.push(await client.job(await resolveId(client, id)));

  const leave = new AbortController();
  const limit = withTimeout(AbortSignal.any([context.signal, leave.signal]), options.timeout);
  const view = await watchRenderer(
    context,
    jobs.map(({ filename }) => filename),
    viewActions(context, client, () => leave.abort()),
  );
  const codes: ExitCode[] = jobs.map(() => EXIT.unfinished);
  const errors: UserError[] = [];
  try {
    await Promise.all(
      jobs.map(async ({ id }, lane) => {
        const ended = await watchOne(context, client, lane, id, view, limit, options.gate);
        codes[lane] = ended.exitCode;
        if (ended.error) errors.push(ended.error);
      }),
    );
  } finally {
    limit.clear();
    await view.close();
  }
  for (const error of errors) printError(context, error);
  if (limit.signal.aborted && !limit.timedOut() && !context.json) {
    const open = jobs.filter((_, lane) => codes[lane] === EXIT.unfinished).map(({ id }) => id);
    if (open.length > 0)
      context.err.line(
        `${open.length === 1 ? 'The job goes' : 'The jobs go'} on. To come back: csvjobs watch ${open.join(' ')}`,
      );
  }
  const { reason } = context.signal as { reason?: unknown };
  return reason instanceof Interrupted ? reason.exitCode : worst(codes);
}

async function watchOne(
  context: Context,
  client: DaemonClient,
  lane: number,
  id: string,
  view: Renderer,
  limit: { signal: AbortSignal; timedOut(): boolean },
  gate: Gate | undefined,
): Promise<{ exitCode: ExitCode; error?: UserError }> {
  try {
    const { exitCode } = await follow(context, client, lane, id, view, { gate, signal: limit.signal });
    return { exitCode };
  } catch (thrown) {
    if (limit.signal.aborted && !limit.timedOut()) return { exitCode: EXIT.unfinished };
    const error = limit.timedOut() ? unfinished(id, 'the time of --timeout is over') : asUserError(thrown);
    view.tell({ type: 'error', lane, jobId: id, error });
    return { exitCode: error.exitCode, error };
  }
}
