/** A list that is longer than its space on the screen. */

/** Index of the first line to show, so that the cursor is visible, with lines around it if there are any. */
export function firstShown(cursor: number, count: number, room: number): number {
  return Math.max(0, Math.min(cursor - Math.floor(room / 2), count - room));
}
