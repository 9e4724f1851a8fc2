/** The message when the user leaves a view before its jobs have finished. */
import type { Output } from '../context.js';

/** Uses short IDs on a terminal, as the views do: a line of 80 columns has no room for a full ID. */
export function comeBack(ids: readonly string[], { tty }: Output): string {
  const shown = ids.map((id) => (tty ? id.slice(0, 8) : id));
  return `${ids.length === 1 ? 'The job continues' : 'The jobs continue'}. To come back: csvjobs watch ${shown.join(' ')}`;
}
