/** `csvjobs daemon status`: shows whether a daemon answers and is ready; exit 6 if not. */

import type { ReadyAnswer } from '../../client/daemonClient.js';
import type { Context } from '../../context.js';
import { EXIT, type ExitCode } from '../../exitCodes.js';
import { readRecord, recordPaths } from '../../localDaemon/daemonRecord.js';
import { type Labelled, labelledLines } from '../../text/labelled.js';
import { clean, toJson } from '../../text/text.js';
import { asUserError } from '../../userError.js';

export async function daemonStatus(context: Context): Promise<ExitCode> {
  const { settings, out, json, quiet, signal } = context;
  const url = settings.url.value;
  const record = readRecord(url);
  let answer: ReadyAnswer | undefined;
  let reason = '';
  try {
    answer = await (await context.client()).ready();
  } catch (error) {
    if (signal.aborted) throw error;
    const { message, why } = asUserError(error);
    reason = why === undefined ? message : `${message}: ${why}`;
  }
  const ready = answer?.readiness.ready === true;
  const code = ready ? EXIT.done : EXIT.unreachable;
  const log = record?.log ?? null;
  if (json) {
    const { version = null, checks = {} } = answer?.readiness ?? {};
    out.line(
      toJson({
        url: url.href,
        ready,
        version,
        pid: record?.pid ?? null,
        log,
        checks,
        reason: reason || null,
      }),
    );
    return code;
  }
  if (quiet) return code;
  const { paint } = out;
  const state = ready
    ? paint.green('ready')
    : answer
      ? paint.yellow('not ready')
      : paint.red('not reachable');
  const lines: [label: string, text: string][] = [
    ['address', url.origin],
    ['state', state],
  ];
  if (answer) lines.push(['version', clean(answer.readiness.version)]);
  else lines.push(['why', reason]);
  lines.push([
    'process',
    record
      ? `pid ${record.pid}, in the background`
      : answer
        ? 'not started by "csvjobs daemon start"'
        : 'none in the background',
  ]);
  if (record) lines.push(['log', recordPaths(url).log]);
  for (const [name, { ok, message }] of Object.entries(answer?.readiness.checks ?? {}))
    lines.push([clean(name), `${ok ? paint.green('✓') : paint.red('✗')} ${clean(message)}`]);
  const labelled = lines.map(([label, text]): Labelled => [paint.dim(label), text]);
  for (const line of labelledLines(labelled, out.columns)) out.hint(line);
  return code;
}
