/** `csvjobs daemon`: runs the daemon in the foreground, with its log on this terminal, until Ctrl-C. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { daemonEnvironment } from '../../config/environment.js';
import type { Context } from '../../context.js';
import { EXIT } from '../../exitCodes.js';
import { findDaemonProgram } from '../../localDaemon/daemonProgram.js';
import { Interrupted } from '../../userError.js';

/** Returns the daemon's own exit code, or 128 + n if signal n killed it. */
export async function runDaemon({ settings, signal, stdin }: Context): Promise<number> {
  const { command, args } = findDaemonProgram();
  const child = spawn(command, args, { stdio: 'inherit', env: daemonEnvironment(settings.url.value) });
  const forward = () => {
    // Ctrl-C in a terminal goes to the whole process group, so the daemon has already received it.
    const exitCode = signal.reason instanceof Interrupted ? signal.reason.exitCode : EXIT.terminated;
    if (exitCode === EXIT.interrupted && stdin.isTTY) return;
    // The daemon logs the signal; under nohup it ignores the hangup.
    child.kill(exitCode === EXIT.hangup ? 'SIGHUP' : 'SIGTERM');
  };
  signal.addEventListener('abort', forward, { once: true });
  const [code, endedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  signal.removeEventListener('abort', forward);
  return code ?? 128 + (endedBy === null ? 0 : constants.signals[endedBy]);
}
