/** Writes a cell as text of a record, in quotes if needed. */
import type { FileDialect } from '@csvjobs/shared';

export function writtenCell(cell: string, delimiter: string, dialect: FileDialect | undefined): string {
  const { quote = '"' } = dialect ?? {};
  if (quote === null || !needsQuotes(cell, delimiter, quote)) return cell;
  return inQuotes(cell, quote);
}

/** Returns a cell in quotes, with the quotes inside it doubled (RFC 4180 section 2, rule 7). */
export function inQuotes(cell: string, quote = '"'): string {
  return `${quote}${cell.replaceAll(quote, quote + quote)}${quote}`;
}

function needsQuotes(cell: string, delimiter: string, quote: string): boolean {
  return cell.includes(delimiter) || cell.includes(quote) || /[\r\n]|^\s|\s$/.test(cell);
}
