/** A file with its target table: `orders.csv → sales.orders`. For `customers`, only the file. */
import { CUSTOMERS } from '@csvjobs/shared/paths';
import { clean } from './text.js';

/** Returns text that is safe for a terminal, even if the names are hostile. */
export function fileAndTable(filename: string, table: string | undefined): string {
  const file = clean(filename);
  return table === undefined || table === CUSTOMERS ? file : `${file} → ${clean(table)}`;
}
