/**
 * The screen of `csvjobs map` as a pure state machine: a key, or the answer to one of its requests, turns a state into
 * a new state. ui/map draws it.
 */
import { change, step } from './editing.js';
import type { Key } from './keys.js';
import { canBeNamed, fieldsOf, type Model, missing, type Sources } from './model.js';
import type { Action, Choosing, Mode, ScreenState } from './state.js';
import { find, typing } from './typing.js';

const COLUMNS: Mode = { kind: 'columns' };

export function begin(
  model: Model,
  sources: Sources,
  save: Pick<ScreenState, 'path' | 'asksPath'>,
): ScreenState {
  const lacking = model.columns.findIndex(({ need }, at) => need === 'required' && !sources[at]);
  const guessed = sources.filter((source) => source?.origin === 'guess').length;
  return {
    model,
    sources,
    begun: sources,
    past: [],
    mode: COLUMNS,
    column: Math.max(0, lacking),
    field: 0,
    sought: '',
    note:
      guessed === 0 ? '' : `? marks ${guessed === 1 ? 'a guess' : 'guesses'}: check it; Backspace removes it`,
    wish: undefined,
    ...save,
  };
}

export function next(state: ScreenState, action: Action): ScreenState {
  const now = { ...state, wish: undefined };
  if (action.type === 'exists') return { ...now, mode: { kind: 'ask', about: 'overwrite' } };
  if (action.type === 'failed') return { ...now, mode: COLUMNS, note: action.message };
  const { key, page } = action;
  if ('name' in key && key.name === 'interrupt') return { ...now, wish: { do: 'interrupt' } };
  const quiet = { ...now, note: '' };
  switch (state.mode.kind) {
    case 'help':
      return { ...quiet, mode: COLUMNS };
    case 'ask':
      return answered(quiet, state.mode.about, key);
    case 'text':
      return typing(quiet, state.mode, key, save);
    case 'fields':
      return choosing(quiet, state.mode.how, key, page);
    case 'columns':
      return browsing(quiet, key, page);
  }
}

function browsing(state: ScreenState, key: Key, page: number): ScreenState {
  const { model, column } = state;
  const moved = step(key, column, model.columns.length, page);
  if (moved !== undefined) return { ...state, column: moved };
  if ('name' in key) {
    if (key.name === 'enter' || key.name === 'right') return toFields(state, 'replace');
    if (key.name === 'backspace') return change(state, undefined);
    return key.name === 'escape' ? leaving(state) : state;
  }
  const source = state.sources[column];
  switch (key.typed) {
    case '+':
      return toFields(state, 'combine');
    case '|':
      return toFields(state, 'firstOf');
    case 'd':
      return asking(state, 'default', source?.default ?? '');
    case 'c':
      return asking(state, 'constant', source?.constant ?? '');
    case 'u':
      return undone(state);
    case '/':
      return asking(state, 'find', '');
    case 'n':
      return found(state);
    case 's':
      return missing(model, state.sources).length > 0
        ? { ...state, mode: { kind: 'ask', about: 'missing' } }
        : saving(state);
    case 'q':
      return leaving(state);
    case '?':
      return { ...state, mode: { kind: 'help' } };
    default:
      return state;
  }
}

function choosing(state: ScreenState, how: Choosing, key: Key, page: number): ScreenState {
  const { model, field } = state;
  const moved = step(key, field, model.fields.length, page);
  if (moved !== undefined) return { ...state, field: moved };
  if ('typed' in key) {
    if (key.typed === '/') return asking(state, 'find', '');
    if (key.typed === 'n') return found(state);
    return key.typed === 'q' ? { ...state, mode: COLUMNS } : state;
  }
  if (key.name === 'escape' || key.name === 'left') return { ...state, mode: COLUMNS };
  return key.name === 'enter' ? change(state, how) : state;
}

/** Moves to the column's field, or to the first field that no column uses. */
function toFields(state: ScreenState, how: Choosing): ScreenState {
  const own = fieldsOf(state.sources[state.column]);
  if (how !== 'replace' && own.length === 0) return toFields(state, 'replace');
  const used = new Set(state.sources.flatMap(fieldsOf));
  const { fields } = state.model;
  const free = fields.findIndex((_, at) => !used.has(at) && canBeNamed(fields, at));
  const field = how === 'replace' ? (own[0] ?? Math.max(0, free)) : Math.max(0, free);
  return { ...state, field, mode: { kind: 'fields', how } };
}

function asking(state: ScreenState, of: Extract<Mode, { kind: 'text' }>['of'], text: string): ScreenState {
  return { ...state, mode: { kind: 'text', of, text, back: state.mode } };
}

/** Moves to the next column or field whose name contains the search text. */
function found(state: ScreenState): ScreenState {
  return state.sought === '' ? state : find(state, state.sought, 1);
}

function undone(state: ScreenState): ScreenState {
  const last = state.past.at(-1);
  if (!last) return { ...state, note: 'nothing to undo' };
  return { ...state, sources: last, past: state.past.slice(0, -1) };
}

function leaving(state: ScreenState): ScreenState {
  if (state.sources === state.begun) return { ...state, wish: { do: 'leave' } };
  return { ...state, mode: { kind: 'ask', about: 'leave' } };
}

function saving(state: ScreenState): ScreenState {
  return state.asksPath ? asking({ ...state, mode: COLUMNS }, 'file', state.path) : save(state, state.path);
}

function save(state: ScreenState, path: string, overwrite = false): ScreenState {
  return { ...state, path, mode: COLUMNS, wish: { do: 'save', overwrite } };
}

function answered(state: ScreenState, about: Extract<Mode, { kind: 'ask' }>['about'], key: Key): ScreenState {
  const back = { ...state, mode: COLUMNS };
  const typed = 'typed' in key ? key.typed.toLowerCase() : '';
  if (about === 'leave' && typed === 's') return next(back, { type: 'key', key: { typed: 's' }, page: 1 });
  if (typed !== 'y') return back;
  if (about === 'leave') return { ...back, wish: { do: 'leave' } };
  return about === 'missing' ? saving(back) : save(back, state.path, true);
}
