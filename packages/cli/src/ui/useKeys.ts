/** Keys of a live view, one by one. */
import { type Key, useInput } from 'ink';

/**
 * As Ink's `useInput`, but for keys that arrive together, as those do that are typed while the program is busy: each is
 * told by itself, where Ink tells them as one text that is no key.
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

/** A terminal makes a line feed of Enter for as long as nobody has asked it for single keys. */
function isReturn(char: string): boolean {
  return char === '\r' || char === '\n';
}
