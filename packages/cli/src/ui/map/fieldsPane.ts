/** The file's fields, with sample values. */
import { fieldsOf, type Model, type Sources } from '../../mapping/model.js';
import type { Paint } from '../../text/paint.js';
import { cellsOf, cutEnd, cutName, fill } from './cells.js';

/** `› ✓ ` */
const SIGNS = 4;
/** Minimum part of the width for names, however long the values are. */
const NAME_PART = 0.45;

interface Pane {
  width: number;
  first: number;
  room: number;
  /** The field that the cursor is on, if keys move it. */
  cursor: number | undefined;
  /** The column whose fields are marked. */
  column: number;
  paint: Paint;
}

/** Returns a title and a line for each field shown, each exactly as wide as the pane. */
export function fieldsPane({ fields }: Model, sources: Sources, pane: Pane): string[] {
  const { width, first, room, cursor, column, paint } = pane;
  const shown = fields.slice(first, first + room);
  const longest = (texts: string[]) => Math.max(6, ...texts.map((text) => cellsOf(cutEnd(text, width))));
  const values = shown.map(({ samples }) => samples.join(', '));
  // A name gets the room that the values leave, but at least its minimum part.
  const left = width - SIGNS - 1 - longest(values);
  const nameRoom = Math.max(
    0,
    Math.min(Math.max(left, Math.floor(width * NAME_PART)), longest(shown.map(({ name }) => name))),
  );
  const valueRoom = Math.max(0, width - SIGNS - nameRoom - 1);
  const used = new Set(sources.flatMap(fieldsOf));
  const own = new Set(fieldsOf(sources[column]));
  const lines = shown.map(({ name }, index) => {
    const at = first + index;
    const chosen = at === cursor;
    const text = fill(
      name === '' ? cutEnd(`(field ${at + 1})`, nameRoom) : cutName(name, nameRoom),
      nameRoom,
    );
    const sign = own.has(at) ? paint.cyan('●') : used.has(at) ? paint.dim('○') : ' ';
    const painted = chosen || own.has(at) ? paint.bold(text) : text;
    return `${chosen ? paint.cyan('›') : ' '} ${sign} ${painted} ${paint.dim(fill(cutEnd(values[index]!, valueRoom), valueRoom))}`;
  });
  const title = `${' '.repeat(SIGNS)}${fill('IN THE FILE', nameRoom)} VALUES`;
  return [paint.dim(fill(cutEnd(title, width), width)), ...lines];
}
