/** A view on a terminal, until it is closed. Ctrl-Z suspends it, as it does any program of the terminal. */
import { render } from 'ink';
import type { ReactNode } from 'react';
import { inForeground } from '../foreground.js';
import { CHECK_EVERY, type Suspended, stopReading, stopUntilContinued } from '../suspension.js';
import { SuspendKey } from './suspendKey.js';

export interface TerminalViewOptions {
  stdin: NodeJS.ReadStream;
  /** From the context. */
  onSuspend(listener: () => void): () => void;
  /** The stream to draw on; called at each start of the drawing. */
  open(): { stream: NodeJS.WriteStream; close(): void };
  /** Whether the view reads keys. */
  interactive: boolean;
}

export interface TerminalView {
  /**
   * Draws `last`, and stops drawing. Returns false if the view is not on the terminal: it was suspended, and continues
   * in the background.
   */
  close(last: ReactNode): Promise<boolean>;
}

/** Draws a view. What must outlive a suspension belongs outside of its components, which are made anew after it. */
export function terminalView(
  view: () => ReactNode,
  { stdin, onSuspend, open, interactive }: TerminalViewOptions,
): TerminalView {
  let stopDrawing: ((last?: ReactNode) => Promise<void>) | undefined;
  let suspending: Promise<void> | undefined;
  let waiting: NodeJS.Timeout | undefined;
  let closed = false;

  const draw = () => {
    const { stream, close } = open();
    // Ink sets raw mode only after drawing the first frame: the terminal itself would handle a key pressed before that,
    // and it would be lost.
    if (interactive) stdin.setRawMode(true);
    const withKey = (node: ReactNode) => (
      <SuspendKey.Provider value={() => suspend('group')}>{node}</SuspendKey.Provider>
    );
    const ink = render(withKey(view()), { stdout: stream, stdin, exitOnCtrlC: false, patchConsole: false });
    stopDrawing = async (last) => {
      stopDrawing = undefined;
      if (last !== undefined) ink.rerender(withKey(last));
      ink.unmount();
      await ink.waitUntilExit();
      close();
    };
  };

  const suspend = (whom: Suspended) => {
    if (!stopDrawing || suspending || closed) return;
    suspending = suspended(whom).finally(() => {
      suspending = undefined;
    });
  };
  const suspended = async (whom: Suspended) => {
    await stopDrawing?.();
    if (interactive) await stopReading(stdin);
    letSuspend();
    stopUntilContinued(whom);
    letSuspend = onSuspend(onStop);
    // `bg` continues it where drawing would disturb the shell, and reading or setting the terminal would stop it.
    if (!inForeground()) waiting = setInterval(comeBack, CHECK_EVERY);
    else if (!closed) redraw();
  };
  const comeBack = () => {
    if (inForeground()) redraw();
  };
  const redraw = () => {
    clearInterval(waiting);
    // Only the foreground learns of a resize.
    process.emit('SIGWINCH', 'SIGWINCH');
    draw();
  };

  // From the terminal itself, if no keys are read, or from kill(1).
  const onStop = () => suspend('self');
  let letSuspend = onSuspend(onStop);
  draw();
  return {
    close: async (last) => {
      closed = true;
      // Without a pause otherwise: a frame that is drawn in between may be higher, and scroll the terminal.
      if (suspending) await suspending;
      clearInterval(waiting);
      letSuspend();
      if (!stopDrawing) return false;
      await stopDrawing(last);
      return true;
    },
  };
}
