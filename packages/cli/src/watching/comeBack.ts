/** What is said when a view is left before its jobs have ended. */
import type { Output } from '../context.js';

/** On a terminal the beginnings of the ids, as the views show them: a line of 80 columns has no room for one whole. */
export function comeBack(ids: readonly string[], { tty }: Output): string {
  const shown = ids.map((id) => (tty ? id.slice(0, 8) : id));
  return `${ids.length === 1 ? 'The job continues' : 'The jobs continue'}. To come back: csvjobs watch ${shown.join(' ')}`;
}
