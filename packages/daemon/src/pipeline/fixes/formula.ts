/** Cells that a spreadsheet would execute: turns them into text with an apostrophe, and back. */

/** Characters that may start a formula (OWASP, CSV injection), in ASCII or full width. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

export function isFormula(cell: string): boolean {
  return FORMULA.test(cell);
}

/** Returns a cell that a spreadsheet shows instead of executing it. */
export function guarded(cell: string): string {
  return isFormula(cell) ? `'${cell}` : cell;
}

/** Returns whether a cell is one that `guarded` has changed. */
export function isGuarded(cell: string): boolean {
  return cell.startsWith("'") && isFormula(cell.slice(1));
}
