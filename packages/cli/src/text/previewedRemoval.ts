/** Shows below the records of a preview which rows a replacement would remove, and what would prevent that. */
import type { PreviewedRemoval } from '@csvjobs/shared';
import { cutMiddle } from './cut.js';
import { removedLines } from './heldRows.js';
import type { Paint } from './paint.js';
import { widthOf } from './table.js';
import { clean, count, plural } from './text.js';
import { wrapped } from './wrap.js';

/** @param width columns of the terminal; undefined in a pipe, where nothing is cut */
export async function removalLines(
  removed: PreviewedRemoval,
  width: number | undefined,
  paint: Paint,
): Promise<string[]> {
  const { rows, of, first, refusals } = removed;
  const title = `${count(rows)} of the ${plural(of, 'row')} of the table would be removed`;
  const lines = removedLines({ removedRows: first, counts: { removed: rows } });
  const measure = await widthOf(lines);
  const shown = lines.map((line) => (width === undefined ? line : cutMiddle(line, width, measure)));
  const why = await Promise.all(
    refusals.map(({ message }) => wrapped(`✗ ${clean(message)}`, width && Math.max(1, width))),
  );
  return ['', ...(await wrapped(title, width)), ...shown.map(paint.red), ...why.flat().map(paint.red)];
}
