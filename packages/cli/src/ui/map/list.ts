/** A list that is longer than its place on the screen. */

/** The first line that is shown, so that the cursor is in sight, with lines around it where there are any. */
export function firstShown(cursor: number, count: number, room: number): number {
  return Math.max(0, Math.min(cursor - Math.floor(room / 2), count - room));
}
