/** A value of a file in a sentence: cut, and on one line, as it may stand in a comment of a statement. */

const SHOWN = 60;
/** No character takes more bytes. */
const BYTES = 4;

/** The first 60 characters of a value, and an ellipsis where there are more. */
export function shownValue(bytes: Buffer, start: number, end: number): string {
  const characters = [...bytes.toString('utf8', start, Math.min(end, start + (SHOWN + 1) * BYTES))];
  if (characters.length <= SHOWN) return characters.join('');
  return `${characters.slice(0, SHOWN).join('')}…`;
}

/**
 * A text in quotes, with what does not show, or ends a line, escaped: nothing that stands in a file can end a comment and
 * become a part of the statement.
 */
export function quotedOnOneLine(text: string): string {
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
