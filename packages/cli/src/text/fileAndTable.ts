/** A file with its target table: `orders.csv → sales.orders`. For `customers`, only the file. */
import { CUSTOMERS } from '@csvjobs/shared/paths';
import { clean } from './text.js';

/** Returns text that is safe for a terminal, even if the names are hostile. */
export function fileAndTable(filename: string, table: string | undefined): string {
  const file = clean(filename);
  const other = otherTable(table);
  return other === undefined ? file : `${file} → ${clean(other)}`;
}

/** Returns the name of a table that is not `customers`. */
export function otherTable(table: string | undefined): string | undefined {
  return table === CUSTOMERS ? undefined : table;
}
