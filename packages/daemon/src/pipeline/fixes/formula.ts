/** Cells that a spreadsheet would run: made text with an apostrophe, and back. */

/** What may begin a formula (OWASP, CSV injection), in ASCII or full width. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

export function isFormula(cell: string): boolean {
  return FORMULA.test(cell);
}

/** A cell that a spreadsheet shows instead of running. */
export function guarded(cell: string): string {
  return isFormula(cell) ? `'${cell}` : cell;
}

/** Whether a cell is one that `guarded` has changed. */
export function isGuarded(cell: string): boolean {
  return cell.startsWith("'") && isFormula(cell.slice(1));
}
