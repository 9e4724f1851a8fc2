/** `csvjobs daemon restart`: stops the background daemon, if one runs, and starts one. */
import type { Context } from '../../context.js';
import type { ExitCode } from '../../exitCodes.js';
import { assertUsable, startDaemon } from './start.js';
import { stopDaemon } from './stop.js';

/** `timeout` (milliseconds) applies to each of the two. With --json, prints only the document of the start. */
export async function restartDaemon(context: Context, options: { timeout: number }): Promise<ExitCode> {
  await assertUsable(context.settings.url.value);
  await stopDaemon({ ...context, json: false, quiet: context.quiet || context.json }, options);
  return startDaemon(context, options);
}
