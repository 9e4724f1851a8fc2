/** Wraps long sentences on a terminal between words, so that nothing is cut off. */

/** Returns the lines of a text, none wider than `room` cells; a single line without a terminal (`room` undefined). */
export async function wrapped(text: string, room: number | undefined): Promise<string[]> {
  if (room === undefined || text.length <= Math.floor(room / 2)) return [text];
  const { default: wrapAnsi } = await import('wrap-ansi');
  return wrapAnsi(text, Math.max(1, room), { hard: true }).split('\n');
}
