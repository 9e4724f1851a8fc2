/** Tables for terminals of any width, and for pipes, where nothing is cut. */
import { cutApart, cutMiddle, type Measure } from './cut.js';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** On a narrow terminal, columns with higher numbers are left out first; 0 never. */
  drop?: number;
  /** The column that shrinks: its cells are cut in the middle, to less than `min` only if no other column can be left out. */
  flexible?: { min: number };
}

export interface Cell {
  text: string;
  paint?: (text: string) => string;
}

const GAP = '  ';
/** A shorter cell says nothing. If a terminal has not even this room, it breaks the lines. */
const LEAST = 5;

/**
 * Returns the lines of a table, with a title line.
 * @param columns at most one is flexible
 * @param width columns of the terminal; if undefined, nothing is cut or left out
 */
export async function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number | undefined,
  title: (text: string) => string,
): Promise<string[]> {
  const measure = await widthOf(rows.flatMap((row) => row.map(({ text }) => text)));
  return tableLines(columns, rows, width, title, measure);
}

/** Like `table`, with a given function for the width of texts. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number | undefined,
  title: (text: string) => string,
  measure: Measure,
): string[] {
  const titles = columns.map(({ title: text }) => ({ text, paint: title }));
  const all: readonly (readonly Cell[])[] = [titles, ...rows];
  // Measure each text once, in plain loops: a table of a thousand jobs is drawn before the JIT compiles anything.
  const cells = all.map((row) => row.map(({ text }) => measure(text)));
  const widths = columns.map(() => 0);
  for (const row of cells)
    for (let index = 0; index < row.length; index += 1)
      if ((row[index] ?? 0) > (widths[index] ?? 0)) widths[index] = row[index] ?? 0;
  const shown = fit(columns, widths, width);
  const flexible = columns.findIndex((column) => column.flexible);
  let names: string[] | undefined;
  // Only if one is too wide: a list of a thousand jobs has no time to spare.
  const nameAt = (row: number) => {
    names ??= cutApart(
      rows.map((each) => each[flexible]?.text ?? ''),
      widths[flexible] ?? 0,
      measure,
    );
    return names[row]!;
  };
  return all.map((row, place) => {
    let line = '';
    for (const index of shown) {
      const cell = row[index];
      const room = widths[index] ?? 0;
      const taken = cells[place]?.[index] ?? 0;
      const last = index === shown.at(-1);
      const cut = () =>
        index === flexible && place > 0 ? nameAt(place - 1) : cutMiddle(cell?.text ?? '', room, measure);
      const text = taken > room ? cut() : (cell?.text ?? '');
      const space = room - (taken > room ? measure(text) : taken);
      const painted = cell?.paint ? cell.paint(text) : text;
      if (index !== shown[0]) line += GAP;
      if (columns[index]?.align === 'right') line += ' '.repeat(space) + painted;
      else line += last ? painted : painted + ' '.repeat(space);
    }
    return line;
  });
}

/** Returns which columns fit; narrows the flexible one in `widths`. */
function fit(columns: readonly Column[], widths: number[], width: number | undefined): number[] {
  const shown = columns.map((_, index) => index);
  if (width === undefined) return shown;
  const flexible = columns.findIndex((column) => column.flexible);
  const least = columns[flexible]?.flexible?.min ?? 0;
  const need = (indexes: readonly number[]) =>
    indexes.reduce(
      (sum, index) => sum + (index === flexible ? Math.min(least, widths[index] ?? 0) : (widths[index] ?? 0)),
      GAP.length * (indexes.length - 1),
    );
  while (need(shown) > width) {
    const first = [...shown].sort((a, b) => (columns[b]?.drop ?? 0) - (columns[a]?.drop ?? 0))[0];
    if (first === undefined || !columns[first]?.drop) break;
    shown.splice(shown.indexOf(first), 1);
  }
  if (flexible >= 0) {
    const others = need(shown) - Math.min(least, widths[flexible] ?? 0);
    widths[flexible] = Math.min(widths[flexible] ?? 0, Math.max(Math.min(LEAST, width), width - others));
  }
  return shown;
}

/** Texts of scripts in which every letter takes one cell (Latin, Greek, Cyrillic), and of this program's signs. */
export const ONE_CELL = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u2400-\u2421✓✗●○◌…·→━╸]*$/;

/**
 * Returns a function for the width of texts in cells. Loads the library only for texts with characters that may be
 * wider, because loading it takes half as long as Node.js takes to start.
 */
export async function widthOf(texts: readonly string[]): Promise<Measure> {
  if (ONE_CELL.test(texts.join(''))) return (text) => text.length;
  const { default: stringWidth } = await import('string-width');
  return (text) => stringWidth(text);
}
