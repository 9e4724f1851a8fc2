/** Shows a value of a file in a sentence: truncated, and on one line, because it may be in a comment of a statement. */

const SHOWN = 60;
/** Maximum size of a character. */
const BYTES = 4;

/** Returns the first 60 characters of a value, and an ellipsis if there are more. */
export function shownValue(bytes: Buffer, start: number, end: number): string {
  const characters = [...bytes.toString('utf8', start, Math.min(end, start + (SHOWN + 1) * BYTES))];
  if (characters.length <= SHOWN) return characters.join('');
  return `${characters.slice(0, SHOWN).join('')}…`;
}

/**
 * Puts a text in quotes and escapes invisible characters and line ends, so that no text in a file can end a comment and
 * become part of the statement.
 */
export function quotedOnOneLine(text: string): string {
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
