/** The form in which the hash of a key is stored: a pair of 32-bit integers. The kernel (packages/daemon/kernel) writes it too. */

/** Bytes per key per record. */
export const PAIR_BYTES = 8;

/**
 * The first half of the pair of a record without such a key; the second half is 0. A pair of zeros was never written.
 */
export const NO_KEY = 1;

/** Hashed after each value, so that `1,23` and `12,3` are different keys; and in place of NULL. Neither is a byte. */
export const VALUE_ENDS = 0x1ff;
export const IS_NULL = 0x2ff;
