/** Where things are in the memory that the kernel (packages/daemon/kernel) shares with this thread. Sizes in bytes. */

/** The kernel's own constants are below this address. */
export const FIRST_FREE = 4096;

export const WORD_BYTES = 4;

/** A column: its kind (1 byte), its flags (1), 2 unused bytes, then the words of 4 bytes below. */
export const COLUMN_BYTES = 32;
export const COLUMN_FLAGS = 1;
export const COLUMN_POSITION = 4;
export const COLUMN_LIMIT = 8;
export const COLUMN_SCALE = 12;
/** The replacement for an empty field, a field of the binary format: its address and its length, 0 if there is none. */
export const COLUMN_EMPTY = 16;
export const COLUMN_EMPTY_LENGTH = 20;
/** The number of decimals that a number is written with. */
export const COLUMN_SHOWN = 24;

export const TRIMS = 1;
export const TAKES_EMPTY = 2;
export const NULLABLE = 4;

/** A key: number of its parts, whether NULL equals NULL (words), the address of its parts. */
export const KEY_BYTES = 12;
/** A part of a key: its field's position, how it is compared, whether blanks around it do not count (words). */
export const PART_BYTES = 12;

/** What the kernel says about a record: start, end, end of its row, whether it has quotes (words). */
export const RECORD_BYTES = 16;

/** The kernel reads and writes whole vectors: up to this many bytes beyond the end of a value. */
export const SLACK = 16;
