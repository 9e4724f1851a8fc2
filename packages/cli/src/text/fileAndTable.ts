/** A file with the table that it goes to: `orders.csv → sales.orders`. Of `customers` only the file, as ever. */
import { CUSTOMERS } from '@csvjobs/shared/paths';
import { clean } from './text.js';

/** As it may go to a terminal: hostile names are made harmless. */
export function fileAndTable(filename: string, table: string | undefined): string {
  const file = clean(filename);
  return table === undefined || table === CUSTOMERS ? file : `${file} → ${clean(table)}`;
}
