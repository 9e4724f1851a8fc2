/** Shows words of a file in an encoding, so that the user can judge it. */
import { textIn } from '../codec.js';
import type { Encoding } from '../encodings.js';

/** Longer words are truncated. */
const MOST_CHARACTERS = 30;
const MOST_WORDS = 3;

/**
 * Returns up to three of the words, in quotation marks: `"Иван", "Анна"`. Shows only the first part with non-ASCII
 * text.
 */
export function shownWords(words: readonly Uint8Array[], encoding: Encoding): string {
  const shown = new Set(words.map((word) => JSON.stringify(shownWord(word, encoding))));
  return [...shown].slice(0, MOST_WORDS).join(', ');
}

function shownWord(word: Uint8Array, encoding: Encoding): string {
  const text = textIn(word, encoding);
  const parts = text.split(/[\p{Pd}\p{Ps}\p{Pe}@_`|~^\\]+/u).filter((part) => /[\u0080-\uffff]/.test(part));
  const cut = [...(parts[0] ?? text)];
  return cut.length > MOST_CHARACTERS ? `${cut.slice(0, MOST_CHARACTERS).join('')}…` : cut.join('');
}
