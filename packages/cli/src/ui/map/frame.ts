/** The screen of `csvjobs map` as lines that fit into the terminal's columns and rows. */
import type { Count } from '../../mapping/counting.js';
import { fieldsOf } from '../../mapping/model.js';
import type { ScreenState } from '../../mapping/state.js';
import type { Paint } from '../../text/paint.js';
import { plural } from '../../text/text.js';
import { cutEnd, fill } from './cells.js';
import { columnsPane } from './columnsPane.js';
import { fieldsPane } from './fieldsPane.js';
import { firstShown } from './list.js';
import { bottomLine, COUNT_LINES, countLines, detailLine, HELP } from './status.js';

export interface Size {
  columns: number;
  rows: number;
}

/** Minimum width for both lists side by side; below it, only the list that the keys move is shown. */
const SIDE_BY_SIDE = 60;
/** The part of the width that the table's columns get. */
const COLUMNS_PART = 0.58;
/**
 * Lines other than the lists: the title, the title of the lists, the item under the cursor, a note, the keys, and one
 * for the cursor.
 */
const OTHER_LINES = 6 + COUNT_LINES;

/** Number of visible lines of a list: a page. */
export function listRoom({ rows }: Size): number {
  return Math.max(1, rows - OTHER_LINES);
}

/** Returns at most one line fewer than the terminal has, none wider than it. */
export function frame(state: ScreenState, count: Count, size: Size, paint: Paint): string[] {
  const { columns: width } = size;
  const lines = [
    paint.bold(cutEnd(title(state), width)),
    ...(state.mode.kind === 'help' ? helpLines(width, paint) : lists(state, size, paint)),
    ...(state.mode.kind === 'help' ? [] : countLines(state, count, paint, width)),
  ];
  const last = [
    detailLine(state, paint, width),
    state.note === '' ? '' : paint.yellow(cutEnd(state.note, width)),
    state.mode.kind === 'help' ? paint.dim('any key: back') : bottomLine(state, paint, width),
  ];
  // A question is always visible, however low the terminal is.
  return [...lines.slice(0, Math.max(0, size.rows - 1 - last.length)), ...last].slice(-(size.rows - 1));
}

function title({ model: { file, table, fields, columns } }: ScreenState): string {
  return `${file} → ${table}  ${plural(fields.length, 'field')}, ${plural(columns.length, 'column')}`;
}

function lists(state: ScreenState, size: Size, paint: Paint): string[] {
  const { model, sources, mode } = state;
  const inFields = mode.kind === 'fields' || (mode.kind === 'text' && mode.back.kind === 'fields');
  const room = listRoom(size);
  const both = size.columns >= SIDE_BY_SIDE;
  const left = both ? Math.floor(size.columns * COLUMNS_PART) : size.columns;
  const columns = () =>
    columnsPane(model, sources, {
      width: left,
      room,
      first: firstShown(state.column, model.columns.length, room),
      cursor: state.column,
      active: !inFields,
      paint,
    });
  const fields = (width: number) => {
    const about = inFields ? state.field : (fieldsOf(sources[state.column])[0] ?? state.field);
    return fieldsPane(model, sources, {
      width,
      room,
      first: firstShown(about, model.fields.length, room),
      cursor: inFields ? state.field : undefined,
      column: state.column,
      paint,
    });
  };
  if (!both) return inFields ? fields(size.columns) : columns();
  const separator = paint.dim(' │ ');
  const right = fields(size.columns - left - 3);
  const lefts = columns();
  return Array.from(
    { length: Math.max(lefts.length, right.length) },
    (_, at) => `${lefts[at] ?? fill('', left)}${separator}${right[at] ?? ''}`,
  );
}

function helpLines(width: number, paint: Paint): string[] {
  const keyRoom = 10;
  return HELP.map(
    ([keys, does]) => `${paint.cyan(fill(keys, keyRoom))} ${cutEnd(does, width - keyRoom - 1)}`,
  );
}
