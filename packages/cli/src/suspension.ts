/** Ctrl-Z while the program reads its terminal in raw mode, in which the terminal itself does not stop it. */
import type { ReadStream } from 'node:tty';
import type { Context } from './context.js';
import { inForeground } from './foreground.js';

/** How often to check, in milliseconds, whether `fg` has brought this process back. It may come without a signal. */
export const CHECK_EVERY = 500;

/** The group, so that the shell also sees its own child stop (npx), or only the process that got the signal. */
export type Suspended = 'group' | 'self';

/** Stops. Returns when this process continues; at once if nothing could continue it, as without a shell with job control. */
export function stopUntilContinued(whom: Suspended): void {
  process.kill(whom === 'group' ? 0 : process.pid, 'SIGTSTP');
}

/** After setting raw mode off, node still reads: the next line typed for the shell would stop this program (SIGTTIN). */
export async function stopReading(stdin: NodeJS.ReadStream): Promise<void> {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  stdin.pause();
  await turn();
}

/**
 * Lets a question on a terminal in raw mode be suspended, by its key or by a signal. Meanwhile the shell has its terminal as it was.
 * @param again called in the foreground again, with raw mode on: draws the question
 * @returns suspends, for the key; and ends the listening to signals
 */
export function suspendable(
  { stdin, err, onSuspend }: Pick<Context, 'stdin' | 'err' | 'onSuspend'>,
  again: () => void,
): { suspend(): void; close(): void } {
  const terminal = stdin as ReadStream;
  let closed = false;
  let waiting: NodeJS.Timeout | undefined;
  const suspend = async (whom: Suspended) => {
    letSuspend();
    terminal.setRawMode(false);
    await stopReading(terminal);
    // Below the question: not every shell begins a line of its own.
    err.stream.write('\n');
    stopUntilContinued(whom);
    // `bg` continues it where it may not read or set the terminal.
    if (inForeground()) goOn();
    else waiting = setInterval(() => inForeground() && goOn(), CHECK_EVERY);
  };
  const goOn = () => {
    clearInterval(waiting);
    if (closed) return;
    letSuspend = onSuspend(() => void suspend('self'));
    terminal.setRawMode(true);
    terminal.resume();
    again();
  };
  let letSuspend = onSuspend(() => void suspend('self'));
  return {
    suspend: () => void suspend('group'),
    close() {
      closed = true;
      clearInterval(waiting);
      letSuspend();
    },
  };
}
