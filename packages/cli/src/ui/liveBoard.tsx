/** The live board on a terminal, until it is closed. */
import type { Context } from '../context.js';
import { alternateScreen } from './alternateScreen.js';
import { type BoardActions, BoardView, newBoardFocus } from './BoardView.js';
import type { Jobs } from './jobs.js';
import { terminalView } from './terminalView.js';

export function liveBoard(
  { out: { stream, paint }, onSuspend, ...context }: Pick<Context, 'out' | 'stdin' | 'onSuspend'>,
  jobs: Jobs,
  actions: BoardActions,
): { close(): Promise<unknown> } {
  const stdin = context.stdin as NodeJS.ReadStream;
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
    onSuspend,
    open: () => alternateScreen(stream),
    interactive,
  });
  return { close: () => close(view(true)) };
}
