/** Words of a file as an encoding reads them, for a person to judge by. */
import { textIn } from '../codec.js';
import type { Encoding } from '../encodings.js';

/** Longer words are cut. */
const MOST_CHARACTERS = 30;
const MOST_WORDS = 3;

/** Up to three words of these, in quotation marks: `"Иван", "Анна"`; each the part of a word that is beyond ASCII. */
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
