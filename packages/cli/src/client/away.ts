/** A daemon that is away for a while, which who watches waits for. */
import { EXIT } from '../exitCodes.js';
import { UserError } from '../userError.js';
import type { DaemonClient } from './daemonClient.js';

/** What the daemon answers, or undefined while it cannot be had; what does not pass by waiting is thrown. */
export async function unlessAway<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UserError && error.exitCode === EXIT.unreachable) return undefined;
    if (error instanceof UserError && error.code === 'internal') return undefined;
    throw error;
  }
}

/** Exit 6: the daemon was away for too long. */
export function goneError(client: DaemonClient, patience: number, next: string): UserError {
  return new UserError({
    code: 'daemon_unreachable',
    exitCode: EXIT.unreachable,
    what: `The daemon at ${client.url.origin} has been away for ${Math.round(patience / 1000)} s`,
    why: 'the job goes on by itself when the daemon is back',
    next,
  });
}
