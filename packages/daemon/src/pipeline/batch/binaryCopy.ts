/** What surrounds the rows of a COPY in binary format (PostgreSQL manual, COPY, "Binary Format"). */

/** The signature, flags, and the length of a header extension, which there is none of. */
export const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

/** A row of -1 fields. */
export const TRAILER = Buffer.from([0xff, 0xff]);
