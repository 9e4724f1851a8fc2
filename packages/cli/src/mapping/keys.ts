/** Keys of a terminal, one at a time. */

export type KeyName =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'pageUp'
  | 'pageDown'
  | 'home'
  | 'end'
  | 'enter'
  | 'escape'
  | 'backspace'
  | 'interrupt';

/** A named key, or a typed character. */
export type Key = { name: KeyName } | { typed: string };

/** What Ink reports about a key (the part used here). */
export interface InkKey {
  upArrow: boolean;
  downArrow: boolean;
  leftArrow: boolean;
  rightArrow: boolean;
  pageUp: boolean;
  pageDown: boolean;
  home: boolean;
  end: boolean;
  return: boolean;
  escape: boolean;
  backspace: boolean;
  delete: boolean;
  tab: boolean;
  ctrl: boolean;
  meta: boolean;
}

const NAMES: readonly (readonly [keyof InkKey, KeyName])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageUp'],
  ['pageDown', 'pageDown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  // Ink reports delete for what the Backspace key of most terminals sends (DEL).
  ['delete', 'backspace'],
];

const CONTROLS: Record<string, KeyName> = {
  '\r': 'enter',
  '\n': 'enter',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u0003': 'interrupt',
};

/** Splits one event of Ink into keys: Ink passes on together what was typed quickly, or pasted. */
export function keysOf(input: string, key: InkKey): Key[] {
  if (key.ctrl) return input === 'c' ? [{ name: 'interrupt' }] : [];
  const named = NAMES.find(([flag]) => key[flag]);
  if (named) return [{ name: named[1] }];
  if (key.meta || key.tab) return [];
  return [...new Intl.Segmenter().segment(input)].flatMap(({ segment }): Key[] => {
    const control = CONTROLS[segment] ?? (segment === '\r\n' ? 'enter' : undefined);
    if (control) return [{ name: control }];
    return /^\p{Cc}/u.test(segment) ? [] : [{ typed: segment }];
  });
}
