/** The message of an action in a live view, on a narrow terminal. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Maximum number of lines of a message. */
const MOST_LINES = 2;

/** Returns a message without its last details (`…: why`, `…; more`) as far as it is wider than `width` cells. */
export function withoutDetails(note: string, width: number): string {
  if (stringWidth(note) <= width) return note;
  const at = Math.max(note.lastIndexOf(': '), note.lastIndexOf('; '));
  return at > 0 ? withoutDetails(note.slice(0, at), width) : note;
}

/** Returns a message as lines of at most `width` cells: without details, and wrapped if it is still too wide. */
export function noteLines(note: string, width: number): string[] {
  if (note === '') return [];
  const short = withoutDetails(note, width);
  return wrapAnsi(short, Math.max(1, width), { hard: true }).split('\n').slice(0, MOST_LINES);
}
