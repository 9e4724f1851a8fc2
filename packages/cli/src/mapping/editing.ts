/** Moves the cursor, and changes the sources of columns. */
import type { Key } from './keys.js';
import { canBeNamed, type Source } from './model.js';
import type { Choosing, ScreenState } from './state.js';

/** Where a key moves the cursor in a list of this length; undefined if it does not move the cursor. */
export function step(key: Key, at: number, count: number, page: number): number | undefined {
  const by = 'name' in key ? BY_NAME[key.name] : BY_TYPED[key.typed];
  if (by === undefined) return undefined;
  const to = by === 'first' ? 0 : by === 'last' ? count - 1 : at + by.lines + by.pages * page;
  return Math.max(0, Math.min(count - 1, to));
}

type Step = 'first' | 'last' | { lines: number; pages: number };

const BY_NAME: Record<string, Step | undefined> = {
  up: { lines: -1, pages: 0 },
  down: { lines: 1, pages: 0 },
  pageUp: { lines: 0, pages: -1 },
  pageDown: { lines: 0, pages: 1 },
  home: 'first',
  end: 'last',
};
const BY_TYPED: Record<string, Step | undefined> = {
  k: BY_NAME.up,
  j: BY_NAME.down,
  g: 'first',
  G: 'last',
  ' ': BY_NAME.pageDown,
};

/**
 * Adds the field under the cursor to the column under the cursor; if `how` is undefined, removes the column's source.
 */
export function change(state: ScreenState, how: Choosing | undefined): ScreenState {
  const back: ScreenState = { ...state, mode: { kind: 'columns' } };
  const own = state.sources[state.column];
  if (how === undefined) return own === undefined ? back : withSource(back, undefined);
  const { fields } = state.model;
  if (!canBeNamed(fields, state.field)) {
    const why =
      fields[state.field]?.name === ''
        ? 'the field has no name in the header, so a spec cannot refer to it'
        : 'several fields have this name: rename all but one in the file';
    return { ...state, note: why };
  }
  return withSource(back, {
    alternatives: added(how === 'replace' ? undefined : own, state.field, how),
    constant: undefined,
    default: own?.default,
    origin: 'person',
  });
}

/**
 * Returns the alternatives with a further field: joined to the last one, or as one of its own. A field that is already
 * used moves to the end.
 */
function added(own: Source | undefined, field: number, how: Choosing): Source['alternatives'] {
  const kept = (own?.alternatives ?? [])
    .map((fields) => fields.filter((each) => each !== field))
    .filter((fields) => fields.length > 0);
  const last = how === 'combine' ? kept.pop() : undefined;
  return [...kept, [...(last ?? []), field]];
}

/** Sets the source of the column under the cursor; can be undone. */
export function withSource(state: ScreenState, source: Source | undefined): ScreenState {
  const sources = state.sources.map((each, at) => (at === state.column ? source : each));
  return { ...state, sources, past: [...state.past, state.sources] };
}
