/** Long sentences on a terminal: broken between words, so that nothing of them is cut off. */

/** The lines of a text, none wider than `room` cells; one line where there is no terminal (`room` undefined). */
export async function wrapped(text: string, room: number | undefined): Promise<string[]> {
  if (room === undefined || text.length <= Math.floor(room / 2)) return [text];
  const { default: wrapAnsi } = await import('wrap-ansi');
  return wrapAnsi(text, Math.max(1, room), { hard: true }).split('\n');
}
