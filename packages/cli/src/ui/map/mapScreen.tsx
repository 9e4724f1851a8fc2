/** The screen of `csvjobs map` on a terminal, until it is closed. */
import type { Context } from '../../context.js';
import type { Counter } from '../../mapping/counting.js';
import type { ScreenStore } from '../../mapping/store.js';
import { alternateScreen } from '../alternateScreen.js';
import { terminalView } from '../terminalView.js';
import { MapView } from './MapView.js';

export function mapScreen(
  { out: { stream, paint }, stdin, onSuspend }: Pick<Context, 'out' | 'stdin' | 'onSuspend'>,
  store: ScreenStore,
  counter: Counter,
): { close(): Promise<unknown> } {
  const view = (interactive: boolean) => (
    <MapView store={store} counter={counter} paint={paint} interactive={interactive} />
  );
  const { close } = terminalView(() => view(true), {
    stdin: stdin as NodeJS.ReadStream,
    onSuspend,
    open: () => alternateScreen(stream),
    interactive: true,
  });
  return { close: () => close(view(false)) };
}
