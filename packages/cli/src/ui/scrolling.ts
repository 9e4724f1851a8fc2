/** A text of which a part is drawn: the details of a job, the help of the board. */
import { count } from '../text/text.js';

/** The first line to draw after a movement. @param room lines that can be drawn */
export function scrolled(line: number, by: number, lines: number, room: number): number {
  return Math.max(0, Math.min(lines - room, line + by));
}

/** The visible part of a text, if that is not all: `lines 3–12 of 40`. */
export function linesText(line: number, lines: number, room: number): string {
  return lines > room ? `lines ${line + 1}–${Math.min(lines, line + room)} of ${count(lines)}` : '';
}
