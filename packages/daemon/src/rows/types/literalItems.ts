/** Literals of arrays, ranges and multiranges (PostgreSQL manual, sections 8.15.6 and 8.17.5), seen by what they have in them. */
import { trimmed } from '../blanks.js';

/** An item in quotes, or one without. What stands between is kept. */
const ITEMS = /"((?:[^"\\]|\\.)*)"|([^{}[\](),"\\]+)/gs;

/** The items of a literal, without the blanks around each. */
export function literalItems(literal: string): string[] {
  return [...literal.matchAll(ITEMS)].map(([, quoted, plain]) => trimmed(quoted ?? plain ?? ''));
}

/**
 * A literal with some of its items replaced.
 * @param change the item in place of one, without the blanks around it: a text without quotes or backslashes; undefined to keep it
 */
export function changeItems(literal: string, change: (item: string) => string | undefined): string {
  return literal.replace(ITEMS, (whole, quoted: string | undefined, plain: string | undefined) => {
    const changed = change(trimmed(quoted ?? plain ?? ''));
    if (changed === undefined) return whole;
    return quoted === undefined ? changed : `"${changed}"`;
  });
}
