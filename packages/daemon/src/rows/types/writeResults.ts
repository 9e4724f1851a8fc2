/** What `write` of a rule returns in place of a position; the kernel (packages/daemon/kernel) knows these too. */

/** The result of `write` if the value is in doubt: ignore what it wrote, and let `judge` decide. */
export const DOUBT = -1;

/** The result of `write` if the text means a missing value, like an empty one. */
export const MISSING = -2;
