/** Keys of a live view, one at a time. */
import { type Key, useInput } from 'ink';

/**
 * Like Ink's `useInput`, but handles each key separately if several arrive together, as keys do that are typed while
 * the program is busy. Ink would pass them on as one text, which is no key.
 */
export function useKeys(handle: (input: string, key: Key) => void, isActive: boolean): void {
  useInput(
    (input, key) => {
      if (key.ctrl || key.meta || input === '') return handle(input, key);
      for (const char of input) handle(char, { ...key, return: key.return || isReturn(char) });
    },
    { isActive },
  );
}

/** A terminal sends a line feed for Enter until it is in raw mode. */
function isReturn(char: string): boolean {
  return char === '\r' || char === '\n';
}
