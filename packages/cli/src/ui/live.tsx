/** The live view: Ink on stderr, so that stdout stays data. */
import { render } from 'ink';
import type { Output } from '../context.js';
import type { ViewActions } from './actions.js';
import { createBoard } from './board.js';
import type { Renderer } from './happening.js';
import { LiveView } from './LiveView.js';
import { erasingBrokenLines } from './resizing.js';

export interface LiveOptions {
  err: Output;
  stdin: NodeJS.ReadStream;
  interrupt(exitCode: 130): void;
  names: readonly string[];
  actions: ViewActions;
}

/** Draws the lanes until closed; keys are taken where stdin is a terminal. */
export function liveRenderer({ err, stdin, interrupt, names, actions }: LiveOptions): Renderer {
  const board = createBoard(names);
  const view = (ended: boolean) => (
    <LiveView
      board={board}
      paint={err.paint}
      actions={{ ...actions, interrupt: () => interrupt(130) }}
      interactive={stdin.isTTY === true && !ended}
      ended={ended}
    />
  );
  const { stream: stdout, close } = erasingBrokenLines(err.stream);
  const ink = render(view(false), { stdout, stdin, exitOnCtrlC: false, patchConsole: false });
  return {
    tell: board.tell,
    close: async () => {
      board.flush();
      ink.rerender(view(true));
      ink.unmount();
      await ink.waitUntilExit();
      close();
    },
  };
}
