/** The lines below the lists: what the mapping would load, the item under the cursor, the question, and the keys. */
import type { Count } from '../../mapping/counting.js';
import { COUNTED } from '../../mapping/counting.js';
import { missing } from '../../mapping/model.js';
import type { ScreenState } from '../../mapping/state.js';
import type { Paint } from '../../text/paint.js';
import { count as counted, plural } from '../../text/text.js';
import { cutEnd } from './cells.js';
import { sourceText } from './columnsPane.js';

/** Maximum number of lines of `countLines`. */
export const COUNT_LINES = 4;

/** The outcome for the first records, with the first reasons. */
export function countLines(state: ScreenState, count: Count, paint: Paint, width: number): string[] {
  const lacking = missing(state.model, state.sources);
  if (lacking.length > 0) return [paint.red(cutEnd(`✗ nothing fills ${lacking.join(', ')}`, width))];
  if (count.state === 'none') return [''];
  if (count.state === 'counting')
    return [paint.dim(cutEnd(`… counting the first ${counted(COUNTED)} records`, width))];
  if (count.state === 'refused') return [paint.red(cutEnd(`✗ ${count.why}`, width))];
  const { good, bad, reasons } = count;
  const all = good + bad;
  const of = all < COUNTED ? plural(all, 'record') : `the first ${counted(all)} records`;
  const head = `${counted(good)} good · ${counted(bad)} bad of ${of}`;
  return [
    bad === 0 ? paint.green(cutEnd(`✓ ${head}`, width)) : paint.yellow(cutEnd(`✗ ${head}`, width)),
    ...reasons.map(({ rows, message }) => cutEnd(`  ${counted(rows)} ${message}`, width)),
  ];
}

/** The item under the cursor, in full. */
export function detailLine(state: ScreenState, paint: Paint, width: number): string {
  const { model, sources, column, field, mode } = state;
  if (mode.kind === 'fields') {
    const { name = '', samples = [] } = model.fields[field] ?? {};
    return cutEnd(`${name}: ${samples.join(', ') || '(no values)'}`, width);
  }
  const { name = '', type = '', need = '' } = model.columns[column] ?? {};
  const from = sourceText(model, sources[column]) || NOTHING[need] || '';
  return paint.dim(cutEnd(`${name} ${type}: ${from}`, width));
}

const NOTHING: Record<string, string> = {
  required: 'no field yet; a row needs a value here',
  optional: 'no field; it stays empty (NULL)',
  default: 'no field; the table’s default is used',
};

/** The keys, or a question or an input instead of them. */
export function bottomLine(state: ScreenState, paint: Paint, width: number): string {
  const { mode, model, column } = state;
  if (mode.kind === 'text') {
    const label = { ...LABELS, default: `${model.columns[column]?.name ?? ''}, if empty: ` }[mode.of];
    return paint.yellow(tail(label, mode.text, width));
  }
  if (mode.kind === 'ask') return paint.yellow(cutEnd(question(state, mode.about), width));
  return paint.dim(keysWithin(mode.kind === 'fields' ? FIELD_KEYS : COLUMN_KEYS, width));
}

const LABELS = {
  constant: 'in every row: ',
  find: 'find: ',
  file: 'save as: ',
};

/** Shows the end of a typed text, because the user is looking at it. */
function tail(label: string, text: string, width: number): string {
  const room = width - 1 - Math.min(label.length, Math.floor(width / 2));
  const characters = [...text];
  let shown = characters.slice(-room).join('');
  while (shown !== '' && cutEnd(shown, room) !== cutEnd(shown, room * 2))
    shown = [...shown].slice(1).join('');
  return `${cutEnd(label, Math.floor(width / 2))}${cutEnd(shown, room)}▏`;
}

function question(state: ScreenState, about: 'overwrite' | 'missing' | 'leave'): string {
  if (about === 'overwrite') return `${state.path} is there already. Overwrite it? y yes · any other key no`;
  if (about === 'leave') return 'Leave without saving? y yes · s save · any other key no';
  return `Nothing fills ${missing(state.model, state.sources).join(', ')}. Save all the same? y yes · any other key no`;
}

/** The most important keys first: a narrow terminal leaves out the last ones. */
const COLUMN_KEYS = [
  '? help',
  's save',
  'q leave',
  '↑↓ move',
  'enter choose',
  '+ combine',
  '| first of',
  'd default',
  'c constant',
  'backspace unmap',
  '/ find',
  'u undo',
];
const FIELD_KEYS = ['↑↓ move', 'enter take it', 'esc back', '/ find', 'n next'];

function keysWithin(keys: readonly string[], width: number): string {
  let line = '';
  for (const key of keys) {
    const longer = line === '' ? key : `${line} · ${key}`;
    if (longer.length > width) break;
    line = longer;
  }
  return line;
}

/** All keys, for the help. */
export const HELP: readonly (readonly [keys: string, does: string])[] = [
  ['↑ ↓  j k', 'move; PgUp PgDn, g G: a page, the first, the last'],
  ['Enter', 'choose the field for the column'],
  ['+', 'add a field, joined with a space'],
  ['|', 'add a field that counts where those before are empty'],
  ['d', 'a default where the field is empty'],
  ['c', 'a constant: the same value in every row'],
  ['Backspace', 'unmap the column'],
  ['u', 'undo'],
  ['/  n', 'find a name; the next one'],
  ['s', 'save the spec and leave'],
  ['q  Esc', 'leave'],
  ['Signs', '✓ mapped  ? guessed  ✗ required, missing  · left out'],
  ['', '● field of this column  ○ field of another'],
];
