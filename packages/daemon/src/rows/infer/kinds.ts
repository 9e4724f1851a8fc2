/**
 * Kinds of values, as numbers that index counts. Each value has one kind: the narrowest. Which type accepts all kinds
 * is decided after all values have been read (verdict.ts), so their order does not matter.
 */

/** `true` or `false` in full, in any case. */
export const TRUE_WORD = 0;
export const FALSE_WORD = 1;
/** `t`, `yes`, `y`, `on`, and `f`, `no`, `n`, `off`: they may be abbreviations of anything (NO is Norway). */
export const TRUE_SHORT = 2;
export const FALSE_SHORT = 3;
export const INT4 = 4;
export const INT8 = 5;
/** A number with a decimal point and at most 15 digits, which float8 preserves. */
export const DECIMAL = 6;
export const LONG_DECIMAL = 7;
/** A number with an exponent that float8 preserves, so it probably was a float8. */
export const FLOAT = 8;
/** A number with an exponent and more digits than float8 preserves. */
export const LONG_FLOAT = 9;
/** Digits that a number would change, or that are more likely an ID: a leading zero or plus sign, 15 digits or more. */
export const CODE = 10;
export const DATE = 11;
export const TIME = 12;
export const TIMESTAMP = 13;
export const TIMESTAMPTZ = 14;
export const UUID = 15;
/** An object or array that jsonb preserves. */
export const JSON_VALUE = 16;
/** Day, month and year in an order that only their author knows: `3/4/2024`. */
export const LOCAL_DATE = 17;
/** A number with a decimal comma or group separators: `1.234,56`, `1,234`. */
export const LOCAL_NUMBER = 18;
export const OTHER = 19;
/** A number whose point may separate thousands: `1.000`, but not `0.500` or `1.0005`. float8 preserves it. */
export const POINT_NUMBER = 20;
/** A word for true or false in another language (`wahr`, `falsch`), which a spec can declare. */
export const LOCAL_TRUE = 21;
export const LOCAL_FALSE = 22;

export const KINDS = 23;

/** Returns a set of kinds as bits. */
export function setOf(...kinds: readonly number[]): number {
  return kinds.reduce((set, kind) => set | (1 << kind), 0);
}

export function has(set: number, kind: number): boolean {
  return (set & (1 << kind)) !== 0;
}
