/** Numbers for the kinds of values that the kernel (packages/daemon/kernel) writes. The kernel imports this file too. */

/** Any other value: the kernel calls its rule. */
export const BY_RULE = 0;
/** Unchanged bytes, up to a limit. */
export const TEXT = 1;
/** The same, unless the last byte is a blank. */
export const CHAR = 2;
export const INT2 = 3;
export const INT4 = 4;
export const INT8 = 5;
/** A decimal number with at most 4 decimals and 12 bytes. */
export const NUMERIC = 6;
export const DATE = 7;
export const TIMESTAMP = 8;
export const TIMESTAMPTZ = 9;
export const BOOLEAN = 10;
export const UUID = 11;
/** A decimal number that comes back from the type as it was written. */
export const FLOAT4 = 12;
export const FLOAT8 = 13;

/** A decimal number keeps the decimals that the file gives it, because its column has no scale. */
export const AS_WRITTEN = 0xffff;

/** How values of a key are compared by their bytes: as they are, or only if they are in the shortest form of a number. */
export const COMPARED = 0;
export const COMPARED_INTEGER = 1;
export const COMPARED_DATE = 2;
export const COMPARED_CHAR = 3;
export const COMPARED_UUID = 4;
