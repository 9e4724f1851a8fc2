/** The live view: Ink on stderr, so that stdout stays data. */
import type { Job } from '@csvjobs/shared';
import { progressOf } from '@csvjobs/shared/rules';
import type { Output } from '../context.js';
import type { ViewActions } from './actions.js';
import { createBoard } from './board.js';
import { LiveView, newFocus } from './LiveView.js';
import { lastLines } from './liveFrame.js';
import { erasingBrokenLines } from './resizing.js';
import { terminalView } from './terminalView.js';
import type { Renderer } from './viewEvent.js';

export interface LiveOptions {
  err: Output;
  stdin: NodeJS.ReadStream;
  interrupt(exitCode: 130): void;
  onSuspend(listener: () => void): () => void;
  names: readonly string[];
  /** Paths of the files, if there are any. */
  paths: readonly (string | undefined)[];
  /** Size of each file in bytes, if known. */
  sizes: readonly (number | undefined)[];
  /** The jobs as they were before the first event, if they exist already. */
  jobs: readonly Job[];
  actions: ViewActions;
  /** Whether the view leaves its last state on the terminal. If not, the caller reports the outcome of the files. */
  stays: boolean;
}

/** Draws the lanes until closed. Reads keys if stdin is a terminal. */
export function liveRenderer(options: LiveOptions): Renderer {
  const { err, stdin, interrupt, onSuspend, names, paths, sizes, jobs, actions, stays } = options;
  const board = createBoard(names, undefined, sizes, paths);
  for (const [lane, job] of jobs.entries()) {
    board.handle({ type: 'progress', lane, progress: progressOf(job) });
    board.handle({ type: 'job', lane, job });
  }
  board.flush();
  const started = board.now();
  const focus = newFocus();
  const interactive = stdin.isTTY === true;
  const view = terminalView(
    () => (
      <LiveView
        board={board}
        focus={focus}
        paint={err.paint}
        typed={err.typed}
        actions={{ ...actions, interrupt: () => interrupt(130) }}
        interactive={interactive}
      />
    ),
    { stdin, onSuspend, open: () => erasingBrokenLines(err.stream), interactive },
  );
  return {
    handle: board.handle,
    close: async () => {
      board.flush();
      const drawn = await view.close(null);
      const { columns = 80 } = err.stream;
      const now = board.now();
      const lines = stays ? lastLines(board.lanes(), { columns, paint: err.paint, now }, now - started) : [];
      // Overwrite the empty line that Ink left; in the background, start below the shell's line. Not through Ink, which
      // would wrap long lines, including commands.
      err.stream.write(drawn ? '\u001b[1A\u001b[2K' : '\n');
      for (const line of lines) err.exact(err.typed(line));
    },
  };
}
