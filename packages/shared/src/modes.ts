/** The words of the load modes. */

/** What happens to a row whose key is in the table. */
export const ON_CONFLICT = ['reject', 'skip', 'update'] as const;

/** What an empty field means for a row that the table has. */
export const BLANKS = ['keep', 'null', 'default', 'reject'] as const;

/** The key for all columns that `blanks` does not name: `{ "*": "default", "phone": "null" }`. */
export const OTHER_COLUMNS = '*';
