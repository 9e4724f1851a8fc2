/** Reads exact words as values: booleans (Table Schema v2: trueValues, falseValues) and categories. */
import { DOUBT } from '../types/typeRule.js';
import type { FormReader } from './form.js';

export function wordsForm(
  words: readonly (readonly [word: string, text: string])[],
  booleans?: true,
): FormReader {
  const texts = new Map(words.map(([word, text]) => [word, Buffer.from(text)]));
  const longest = Math.max(...words.map(([word]) => Buffer.byteLength(word)));
  return {
    rewrite(bytes, start, end, out) {
      if (end - start > longest) return DOUBT;
      const text = texts.get(
        Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8'),
      );
      if (text === undefined) return DOUBT;
      out.makeRoom(text.length).set(text);
      return text.length;
    },
    fault: (value) => ({
      code: 'not_in_list',
      params: { value, allowed: words.map(([word]) => word), ...(booleans && { booleans }) },
    }),
  };
}
