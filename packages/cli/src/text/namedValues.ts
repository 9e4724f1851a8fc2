/** The values of a row with their columns, because JSON from PostgreSQL has the columns in an order of its own. */
export function namedValues(row: Record<string, string>): string {
  return Object.entries(row)
    .map(([column, value]) => `${column}=${value}`)
    .join(', ');
}
