/** A small file and table for the tests of the screen, and key presses. */
import type { KeyName } from '../../src/mapping/keys.js';
import type { Model, Source, Sources, TableColumn } from '../../src/mapping/model.js';
import { begin, next } from '../../src/mapping/screen.js';
import type { ScreenState } from '../../src/mapping/state.js';

export function columnOf(name: string, more: Partial<TableColumn> = {}): TableColumn {
  return { name, type: 'text', need: 'optional', named: [], ...more };
}

export const MODEL: Model = {
  file: 'people.csv',
  table: 'shop.people',
  fields: [
    { name: 'First Name', samples: ['Ada', 'Grace'] },
    { name: 'Last Name', samples: ['Lovelace', 'Hopper'] },
    { name: 'email', samples: ['ada@x.io', 'grace@x.io'] },
    { name: 'Account', samples: ['ACME'] },
    { name: 'Tel', samples: [] },
    { name: 'Tel', samples: ['1'] },
    { name: '', samples: ['x'] },
  ],
  columns: [
    columnOf('name', { need: 'required' }),
    columnOf('email', { need: 'required', named: [2] }),
    columnOf('company', { need: 'required' }),
    columnOf('joined', { type: 'date', need: 'default' }),
    columnOf('note'),
  ],
};

/** @param alternatives each is one field or several joined fields */
export function sourceOf(alternatives: number[][], more: Partial<Source> = {}): Source {
  return { alternatives, constant: undefined, default: undefined, origin: 'person', ...more };
}

export const FOUND: Sources = [
  undefined,
  sourceOf([[2]], { origin: 'exact' }),
  sourceOf([[3]], { origin: 'guess' }),
  undefined,
  undefined,
];

export function screen(model = MODEL, sources = FOUND): ScreenState {
  return begin(model, sources, { path: 'people.csv.spec.yaml', asksPath: true });
}

/** Presses keys: named ones in angle brackets (`<enter>`), the rest literally. */
export function press(state: ScreenState, keys: string, page = 10): ScreenState {
  return [...keys.matchAll(/<(\w+)>|(.)/gsu)].reduce(
    (now, [, name, typed]) =>
      next(now, { type: 'key', key: name ? { name: name as KeyName } : { typed: typed! }, page }),
    state,
  );
}
