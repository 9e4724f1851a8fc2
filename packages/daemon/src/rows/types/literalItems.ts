/** The items in literals of arrays, ranges and multiranges (PostgreSQL manual, sections 8.15.6 and 8.17.5). */
import { trimmed } from '../blanks.js';

/** An item in quotes, or one without quotes. */
const ITEMS = /"((?:[^"\\]|\\.)*)"|([^{}[\](),"\\]+)/gs;

/**
 * Replaces items of a literal. Keeps the text between items.
 * @param change gets an item without blanks around it; returns its replacement, a text without quotes or backslashes,
 *   or undefined to keep the item
 */
export function changeItems(literal: string, change: (item: string) => string | undefined): string {
  return literal.replace(ITEMS, (whole, quoted: string | undefined, plain: string | undefined) => {
    const changed = change(trimmed(quoted ?? plain ?? ''));
    if (changed === undefined) return whole;
    return quoted === undefined ? changed : `"${changed}"`;
  });
}
