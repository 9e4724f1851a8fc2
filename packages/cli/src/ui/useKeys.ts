/** Keys of a live view, one at a time. */
import { type Key, useInput } from 'ink';
import { useContext } from 'react';
import { SuspendKey } from './suspendKey.js';

/**
 * Like Ink's `useInput`, but handles each key separately if several arrive together, as keys do that are typed while
 * the program is busy. Ink would pass them on as one text, which is no key. Ctrl-Z suspends the view, whatever it shows.
 */
export function useKeys(handle: (input: string, key: Key) => void, isActive: boolean): void {
  const suspend = useContext(SuspendKey);
  const take = (input: string, key: Key) => (key.ctrl && input === 'z' ? suspend() : handle(input, key));
  useInput(
    (input, key) => {
      if (key.ctrl || key.meta || input === '') return take(input, key);
      for (const char of input) take(...keyOf(char, key));
    },
    { isActive },
  );
}

/** One of several keys, as Ink passes it on if it arrives alone. */
function keyOf(char: string, key: Key): [input: string, key: Key] {
  // A terminal sends a line feed for Enter until it is in raw mode.
  if (char === '\r' || char === '\n') return [char, { ...key, return: true }];
  if (char === '\u007f' || char === '\b') return ['', { ...key, backspace: true }];
  if (char < ' ') return [String.fromCharCode(char.charCodeAt(0) + 0x60), { ...key, ctrl: true }];
  return [char, key];
}
