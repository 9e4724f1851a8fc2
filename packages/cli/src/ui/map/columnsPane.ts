/** The table's columns: what each accepts, and its source. */
import type { Model, Need, Source, Sources } from '../../mapping/model.js';
import type { Paint } from '../../text/paint.js';
import { cellsOf, cutEnd, cutName, fill } from './cells.js';

/** Maximum width of names and types, as a part of the pane's width. */
const NAME_PART = 0.36;
const TYPE_PART = 0.24;
/** `› ✓ ` */
const SIGNS = 4;
/** Narrower panes show no types, or no needs, which the signs show too. */
const TYPES_FROM = 44;
const NEEDS_FROM = 32;

interface Pane {
  width: number;
  /** Index of the first column that is shown. */
  first: number;
  room: number;
  /** The column that the cursor is on, and whether keys move it. */
  cursor: number;
  active: boolean;
  paint: Paint;
}

/** Returns a title and a line for each column shown, each exactly as wide as the pane. */
export function columnsPane(model: Model, sources: Sources, pane: Pane): string[] {
  const { width, first, room, cursor, active, paint } = pane;
  const shown = model.columns.slice(first, first + room);
  const longest = (texts: string[], most: number) =>
    Math.min(Math.floor(width * most), Math.max(6, ...texts.map((text) => cellsOf(cutEnd(text, width)))));
  const nameRoom = longest(
    shown.map(({ name }) => name),
    NAME_PART,
  );
  const typeRoom =
    width < TYPES_FROM
      ? 0
      : longest(
          shown.map(({ type }) => type),
          TYPE_PART,
        );
  const needRoom = width < NEEDS_FROM ? 0 : 'required'.length;
  const others = [nameRoom, typeRoom, needRoom].filter((room) => room > 0);
  const fromRoom = Math.max(1, width - SIGNS - others.reduce((sum, room) => sum + room + 1, 0));
  const line = (name: string, type: string, need: string, from: string) =>
    [name, ...(typeRoom > 0 ? [type] : []), ...(needRoom > 0 ? [need] : []), from].join(' ');
  const title = line(fill('COLUMN', nameRoom), fill('TYPE', typeRoom), fill('NEED', needRoom), 'FROM');
  const lines = shown.map((column, index) => {
    const at = first + index;
    const source = sources[at];
    const chosen = at === cursor;
    const name = fill(cutName(column.name, nameRoom), nameRoom);
    const type = fill(cutEnd(column.type, typeRoom), typeRoom);
    const from = fill(cutEnd(sourceText(model, source), fromRoom), fromRoom);
    const text = line(
      chosen ? paint.bold(name) : name,
      paint.dim(type),
      needText(column.need, source, paint, needRoom),
      from,
    );
    const mark = chosen ? (active ? paint.cyan('›') : paint.dim('›')) : ' ';
    return `${mark} ${signOf(column.need, source, paint)} ${text}`;
  });
  return [paint.dim(fill(cutEnd(`${' '.repeat(SIGNS)}${title}`, width), width)), ...lines];
}

/** The source of a column in words: `First Name + Last Name`, `Phone | Mobile, else "none"`, `= hubspot`. */
export function sourceText({ fields }: Pick<Model, 'fields'>, source: Source | undefined): string {
  if (!source) return '';
  if (source.constant !== undefined) return `= ${JSON.stringify(source.constant)}`;
  if (source.alternatives.length === 0) return `= ${JSON.stringify(source.default)}`;
  const names = source.alternatives.map((group) => group.map((at) => fields[at]?.name ?? ''));
  const text = names.map((group) => group.join(' + ')).join(' | ');
  return source.default === undefined ? text : `${text}, else ${JSON.stringify(source.default)}`;
}

function signOf(need: Need, source: Source | undefined, paint: Paint): string {
  if (source?.origin === 'guess') return paint.yellow('?');
  if (source) return paint.green('✓');
  return need === 'required' ? paint.red('✗') : paint.dim('·');
}

function needText(need: Need, source: Source | undefined, paint: Paint, room: number): string {
  const text = fill(need, room);
  return need === 'required' && !source ? paint.red(text) : paint.dim(text);
}
