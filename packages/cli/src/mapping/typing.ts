/** Typing a line of text: a default, a constant, a search text, a file's name. */
import { withSource } from './editing.js';
import type { Key } from './keys.js';
import type { Source } from './model.js';
import type { Mode, ScreenState } from './state.js';

type Text = Extract<Mode, { kind: 'text' }>;

/**
 * Handles a key while a text is typed.
 * @param save called with the name of a file
 */
export function typing(
  state: ScreenState,
  mode: Text,
  key: Key,
  save: (state: ScreenState, path: string) => ScreenState,
): ScreenState {
  const back = { ...state, mode: mode.back };
  if ('typed' in key) return edited(state, mode, mode.text + key.typed);
  if (key.name === 'backspace') {
    const graphemes = [...new Intl.Segmenter().segment(mode.text)];
    return edited(
      state,
      mode,
      graphemes
        .slice(0, -1)
        .map(({ segment }) => segment)
        .join(''),
    );
  }
  if (key.name === 'escape') return back;
  if (key.name !== 'enter') return state;
  if (mode.of === 'find') return { ...back, sought: mode.text };
  if (mode.of === 'file') {
    const path = mode.text.trim();
    return path === '' ? { ...state, note: 'type the name of a file, or press Esc' } : save(back, path);
  }
  return mode.of === 'default' ? withDefault(back, mode.text) : withConstant(back, mode.text);
}

/** Updates the text; searches while it is typed. */
function edited(state: ScreenState, mode: Text, text: string): ScreenState {
  const typed: ScreenState = { ...state, mode: { ...mode, text } };
  return mode.of === 'find' && text !== '' ? find(typed, text, 0) : typed;
}

function withDefault(state: ScreenState, text: string): ScreenState {
  const source = state.sources[state.column] ?? NONE;
  const filled: Source = { ...source, constant: undefined, default: text === '' ? undefined : text };
  if (filled.alternatives.length === 0 && text === '') return withSource(state, undefined);
  // A default does not change how the source was found, but a guess is then the user's choice.
  return withSource(state, { ...filled, origin: source.origin === 'guess' ? 'person' : source.origin });
}

function withConstant(state: ScreenState, text: string): ScreenState {
  return text === '' ? state : withSource(state, { ...NONE, constant: text });
}

const NONE: Source = {
  alternatives: [],
  constant: undefined,
  default: undefined,
  origin: 'person',
};

/**
 * Moves the cursor to the first name that contains a text, starting `ahead` lines after the cursor, and continuing from
 * the top.
 */
export function find(state: ScreenState, text: string, ahead: number): ScreenState {
  const { mode, model } = state;
  const list = mode.kind === 'text' ? mode.back : mode;
  const inFields = list.kind === 'fields';
  const names = inFields ? model.fields : model.columns;
  const from = inFields ? state.field : state.column;
  const sought = text.toLowerCase();
  for (let away = ahead; away < names.length + ahead; away++) {
    const at = (from + away) % names.length;
    if (names[at]!.name.toLowerCase().includes(sought))
      return { ...state, [inFields ? 'field' : 'column']: at };
  }
  return { ...state, note: `no name with "${text}" in it` };
}
