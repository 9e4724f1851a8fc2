/** The live board on a terminal, until it is closed. */
import { render } from 'ink';
import type { Output } from '../context.js';
import { type BoardActions, BoardView } from './BoardView.js';
import type { Jobs } from './jobs.js';

export function liveBoard(
  out: Output,
  stdin: NodeJS.ReadStream,
  jobs: Jobs,
  actions: BoardActions,
): { close(): Promise<void> } {
  const view = (ended: boolean) => (
    <BoardView
      jobs={jobs}
      paint={out.paint}
      actions={actions}
      interactive={stdin.isTTY === true && !ended}
      ended={ended}
    />
  );
  // Use the alternate screen, like less and top: the earlier content of the terminal comes back afterwards.
  out.stream.write('\u001b[?1049h\u001b[H');
  const ink = render(view(false), { stdout: out.stream, stdin, exitOnCtrlC: false, patchConsole: false });
  return {
    close: async () => {
      ink.rerender(view(true));
      ink.unmount();
      await ink.waitUntilExit();
      out.stream.write('\u001b[?1049l');
    },
  };
}
