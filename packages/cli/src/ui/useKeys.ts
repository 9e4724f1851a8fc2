/** Keys of a live view, one by one. */
import { type Key, useInput } from 'ink';

/**
 * As Ink's `useInput`, but for keys that arrive together, as those do that are typed while the program is busy: each is
 * told by itself, where Ink tells them as one text that is no key.
 */
export function useKeys(handle: (input: string, key: Key) => void, isActive: boolean): void {
  useInput(
    (input, key) => {
      if (input.length <= 1 || key.ctrl || key.meta) return handle(input, key);
      for (const char of input) handle(char, { ...key, return: key.return || char === '\r' });
    },
    { isActive },
  );
}
