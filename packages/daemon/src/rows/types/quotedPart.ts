/**
 * Reads an attribute of a composite literal, or a bound of a range, as PostgreSQL does (record_in in rowtypes.c,
 * range_parse_bound in rangetypes.c): quotes may stand anywhere in it, two within quotes are one, a backslash stands before
 * a character that means itself, and blanks belong to it.
 */

/** A part and the position of the character that ends it. `text` is undefined for an attribute or a bound that is missing. */
export interface QuotedPart {
  text: string | undefined;
  end: number;
}

/** @param ends the characters that end a part outside quotes. Returns undefined if none does. */
export function quotedPart(literal: string, start: number, ends: string): QuotedPart | undefined {
  let text = '';
  let isQuoted = false;
  for (let at = start; at < literal.length; at++) {
    const each = literal[at]!;
    if (each === '\\') text += literal[++at] ?? '';
    else if (each === '"' && isQuoted && literal[at + 1] === '"') text += literal[at++];
    else if (each === '"') isQuoted = !isQuoted;
    else if (isQuoted || !ends.includes(each)) text += each;
    else return { text: at === start ? undefined : text, end: at };
  }
  return undefined;
}
