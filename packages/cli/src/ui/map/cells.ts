/** Fits texts into a number of cells, including hostile, wide and very long ones. */
import stringWidth from 'string-width';
import { cutMiddle } from '../../text/cut.js';
import { clean } from '../../text/text.js';

/** Characters of a text to consider for each available cell: a grapheme may have many characters. */
const PER_CELL = 8;

/** Fits a text into `room` cells, with its end cut off by `…`. */
export function cutEnd(text: string, room: number): string {
  const shown = clean(text.slice(0, Math.max(0, room + 1) * PER_CELL));
  if (stringWidth(shown) <= room && shown.length >= text.length) return shown;
  if (room < 1) return '';
  let cells = 0;
  let cut = '';
  for (const { segment } of new Intl.Segmenter().segment(shown)) {
    cells += stringWidth(segment);
    if (cells > room - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** Fits a name into `room` cells, cut in the middle because names differ at their ends. */
export function cutName(name: string, room: number): string {
  return cutMiddle(clean(shortened(name, room)), room, stringWidth);
}

/** Pads a text to exactly `room` cells. */
export function fill(text: string, room: number): string {
  return text + ' '.repeat(Math.max(0, room - stringWidth(text)));
}

export const cellsOf = stringWidth;

function shortened(name: string, room: number): string {
  const most = Math.max(1, room) * PER_CELL;
  return name.length <= 2 * most ? name : name.slice(0, most) + name.slice(-most);
}
