/** If no daemon runs on this machine, asks a person at a terminal whether to start one. */
import { agreed, canAsk } from './ask.js';
import { isBlockedPort } from './client/blockedPorts.js';
import { networkCode } from './client/networkError.js';
import { surroundings } from './config/environment.js';
import { isLoopback } from './config/settings.js';
import type { Context } from './context.js';
import { EXIT } from './exitCodes.js';
import { findDaemonProgram } from './localDaemon/daemonProgram.js';
import { asUserError, UserError, withNext } from './userError.js';

/** Time limit for the daemon to be ready, in milliseconds: the first start sets up a database. */
const PATIENCE = 120_000;

/**
 * Returns whether a daemon runs now, so that the command can be run again. Never asks in scripts, pipes and CI, for an
 * address on another machine, or if csvjobsd is not installed.
 */
export async function offerDaemon(context: Context, error: UserError): Promise<boolean> {
  const { settings, err, json, quiet } = context;
  const url = settings.url.value;
  if (error.code !== 'daemon_unreachable' || networkCode(error.cause) !== 'ECONNREFUSED') return false;
  if (
    !isLoopback(url) ||
    isBlockedPort(url) ||
    url.protocol !== 'http:' ||
    json ||
    quiet ||
    surroundings().ci ||
    !canAsk(context)
  )
    return false;
  if (missingProgram() !== undefined) return false;
  err.line(`No daemon runs at ${url.origin}.`);
  if (!(await agreed(context, 'Start one in the background? [y/N] '))) return false;
  const { startDaemon } = await import('./commands/daemon/start.js');
  return (await startDaemon(context, { timeout: PATIENCE })) === EXIT.done;
}

/** An error that advises to start a daemon says first how to install it, where csvjobs was installed without one. */
export function withInstallStep<E>(error: E): E | UserError {
  if (!(error instanceof UserError && error.next?.startsWith('csvjobs daemon start'))) return error;
  const missing = missingProgram();
  return missing?.next === undefined ? error : withNext(error, missing.next);
}

/** What is wrong where csvjobsd is not installed. */
function missingProgram(): UserError | undefined {
  try {
    findDaemonProgram();
    return undefined;
  } catch (error) {
    return asUserError(error);
  }
}
