/** The live view: Ink on stderr, so that stdout stays data. */
import { render } from 'ink';
import type { Output } from '../context.js';
import type { ViewActions } from './actions.js';
import { createBoard } from './board.js';
import { LiveView } from './LiveView.js';
import { lastLines } from './liveFrame.js';
import { erasingBrokenLines } from './resizing.js';
import type { Renderer } from './viewEvent.js';

export interface LiveOptions {
  err: Output;
  stdin: NodeJS.ReadStream;
  interrupt(exitCode: 130): void;
  names: readonly string[];
  /** Paths of the files, if there are any. */
  paths: readonly (string | undefined)[];
  /** Size of each file in bytes, if known. */
  sizes: readonly (number | undefined)[];
  actions: ViewActions;
  /** Whether the view leaves its last state on the terminal. If not, the caller reports the outcome of the files. */
  stays: boolean;
}

/** Draws the lanes until closed. Reads keys if stdin is a terminal. */
export function liveRenderer(options: LiveOptions): Renderer {
  const { err, stdin, interrupt, names, paths, sizes, actions, stays } = options;
  const board = createBoard(names, undefined, sizes, paths);
  const started = board.now();
  const { stream: stdout, close } = erasingBrokenLines(err.stream);
  const ink = render(
    <LiveView
      board={board}
      paint={err.paint}
      actions={{ ...actions, interrupt: () => interrupt(130) }}
      interactive={stdin.isTTY === true}
    />,
    { stdout, stdin, exitOnCtrlC: false, patchConsole: false },
  );
  return {
    handle: board.handle,
    close: async () => {
      board.flush();
      ink.rerender(null);
      ink.unmount();
      await ink.waitUntilExit();
      close();
      const { columns = 80 } = err.stream;
      const now = board.now();
      const lines = stays ? lastLines(board.lanes(), { columns, paint: err.paint, now }, now - started) : [];
      // Overwrite the empty line that Ink left. Not through Ink, which would wrap long lines, including commands.
      err.stream.write('\u001b[1A\u001b[2K');
      for (const line of lines) err.hint(line);
    },
  };
}
