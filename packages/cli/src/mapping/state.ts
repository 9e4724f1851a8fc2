/** The state of the screen of `csvjobs map`, and what changes it. */
import type { Key } from './keys.js';
import type { Model, Sources } from './model.js';

/** How a field is added to a column: alone, behind the others with a blank, or where the others are empty. */
export type Choosing = 'replace' | 'combine' | 'firstOf';

export type Mode =
  | { kind: 'columns' }
  | { kind: 'fields'; how: Choosing }
  | { kind: 'text'; of: 'default' | 'constant' | 'find' | 'file'; text: string; back: Mode }
  | { kind: 'ask'; about: 'overwrite' | 'missing' | 'leave' }
  | { kind: 'help' };

export interface ScreenState {
  model: Model;
  sources: Sources;
  /** What it began with, or was saved last, and each mapping before the last change. */
  begun: Sources;
  past: readonly Sources[];
  mode: Mode;
  /** The column, and the field, that the cursor is on. */
  column: number;
  field: number;
  /** What is looked for: `n` finds the next. */
  sought: string;
  /** One sentence on what the last key did; empty for none. */
  note: string;
  /** Where the spec goes, and whether that is asked first. */
  path: string;
  asksPath: boolean;
  /** What the machine cannot do itself; done, and then answered, by who runs it. */
  wish: Wish | undefined;
}

export type Wish = { do: 'save'; overwrite: boolean } | { do: 'leave' } | { do: 'interrupt' };

export type Action =
  | { type: 'key'; key: Key /** Lines of a page. */; page: number }
  /** What became of a save that did not end the screen. */
  | { type: 'exists' }
  | { type: 'failed'; message: string };
