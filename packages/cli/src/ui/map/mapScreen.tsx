/** The screen of `csvjobs map` on a terminal, until it is closed. */
import { render } from 'ink';
import type { Output } from '../../context.js';
import type { Counter } from '../../mapping/counting.js';
import type { ScreenStore } from '../../mapping/store.js';
import { MapView } from './MapView.js';

export function mapScreen(
  out: Output,
  stdin: NodeJS.ReadStream,
  store: ScreenStore,
  counter: Counter,
): { close(): Promise<void> } {
  const view = (interactive: boolean) => (
    <MapView store={store} counter={counter} paint={out.paint} interactive={interactive} />
  );
  // Ink sets raw mode only after drawing the first frame: the terminal itself would handle a key pressed before that,
  // and it would be lost.
  stdin.setRawMode(true);
  // Use the alternate screen, like less and top: the earlier content of the terminal comes back afterwards.
  out.stream.write('\u001b[?1049h\u001b[H');
  const ink = render(view(true), { stdout: out.stream, stdin, exitOnCtrlC: false, patchConsole: false });
  return {
    close: async () => {
      ink.rerender(view(false));
      ink.unmount();
      await ink.waitUntilExit();
      out.stream.write('\u001b[?1049l');
    },
  };
}
