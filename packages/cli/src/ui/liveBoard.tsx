/** The live board on a terminal, until it is closed. */
import type { Output } from '../context.js';
import { alternateScreen } from './alternateScreen.js';
import { type BoardActions, BoardView, newBoardFocus } from './BoardView.js';
import type { Jobs } from './jobs.js';
import { terminalView } from './terminalView.js';

export function liveBoard(
  { stream, paint }: Output,
  stdin: NodeJS.ReadStream,
  jobs: Jobs,
  actions: BoardActions,
): { close(): Promise<unknown> } {
  const focus = newBoardFocus();
  const interactive = stdin.isTTY === true;
  const view = (ended: boolean) => (
    <BoardView
      jobs={jobs}
      focus={focus}
      paint={paint}
      actions={actions}
      interactive={interactive && !ended}
      ended={ended}
    />
  );
  const { close } = terminalView(() => view(false), {
    stdin,
    open: () => alternateScreen(stream),
    interactive,
  });
  return { close: () => close(view(true)) };
}
