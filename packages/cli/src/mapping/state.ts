/** The state of the screen of `csvjobs map`, and what changes it. */
import type { Key } from './keys.js';
import type { Model, Sources } from './model.js';

/** How a field is added to a column: alone, joined to the others with a blank, or used if the others are empty. */
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
  /** The mapping at the start, and the earlier mappings, one for each change. */
  begun: Sources;
  past: readonly Sources[];
  mode: Mode;
  /** The column and the field that the cursor is on. */
  column: number;
  field: number;
  /** The search text: `n` finds the next match. */
  sought: string;
  /** One sentence about the effect of the last key; empty if there is none. */
  note: string;
  /** The path for the spec, and whether to ask for it first. */
  path: string;
  asksPath: boolean;
  /**
   * An action that the state machine cannot perform itself. Its owner performs it, and sends the result as an action.
   */
  wish: Wish | undefined;
}

export type Wish = { do: 'save'; overwrite: boolean } | { do: 'leave' } | { do: 'interrupt' };

export type Action =
  | { type: 'key'; key: Key /** Lines of a page. */; page: number }
  /** The result of a save that did not close the screen. */
  | { type: 'exists' }
  | { type: 'failed'; message: string };
