import { SMALL_LETTERS } from './smallLetters.js';

/** Returns an address as the unique index on customers compares it: equal results mean the same customer. */
export function foldedEmail(email: string): string {
  if (!/[^\0-\x7f]/.test(email)) return email.toLowerCase();
  let folded = '';
  for (const character of email)
    folded += character <= '\x7f' ? character.toLowerCase() : (SMALL_LETTERS.get(character) ?? character);
  return folded;
}
