/**
 * A type's rule: converts a value from the bytes of a file to the binary format of COPY (PostgreSQL manual, COPY,
 * "Binary Format"; the `…recv` function of each type shows what it expects) without making a string, and finds the
 * fault of a value that it cannot convert.
 */
import type { TargetReason } from '@csvjobs/shared';
import type { FloatName } from './floatText.js';
import { DOUBT } from './writeResults.js';

export { DOUBT, MISSING } from './writeResults.js';

/**
 * Maximum number of bytes that a value needs in addition to those of its text: a numeric of four digits needs ten in
 * all.
 */
export const MOST_GROWTH = 16;

/** A reason whose column is not yet known. */
export type Fault = TargetReason;

export interface TypeRule {
  /** Blanks around a value are not part of it. False for texts and a few other types. */
  trims: boolean;
  /** An empty text may be a value: call `write` for it too. */
  takesEmpty?: boolean;
  /** Values of at most this many bytes are copied unchanged, without calling `write`. */
  verbatim?: number;
  /**
   * How the kernel writes values, if it can (kernelKinds.ts; not needed with `verbatim`). It leaves to `write` what it does not
   * recognize.
   */
  kernel?: { kind: number; limit?: number; scale?: number; shown?: number };
  /** Maximum number of bytes that a value needs in addition to its text (default: MOST_GROWTH). */
  growth?: number;
  /**
   * `write` writes the usual values, but `judge` finds only what PostgreSQL would round or guess: PostgreSQL reads the other texts,
   * and may refuse them.
   */
  writesUsual?: boolean;
  /**
   * Writes the value from `start` to `end` (at least one byte unless `takesEmpty`, valid UTF-8 without NUL) to `out` at
   * `at`; `out` has room for it (`growth`). Called without `this`. If it accepts a value, so does `judge`, and
   * PostgreSQL stores the same value as for the text; a matrix test checks this for each type. Returns where the value
   * ends in `out`, DOUBT or MISSING.
   */
  write(bytes: Uint8Array, start: number, end: number, out: DataView, at: number): number;
  /**
   * Returns the fault of a value for which `write` returns DOUBT: PostgreSQL refuses it, or would silently round, guess
   * or reinterpret it. Returns undefined if PostgreSQL reads the value as intended.
   */
  judge(text: string): Fault | undefined;
  /**
   * Returns the type to which a value that `judge` accepts is rounded; undefined if it comes back as it was written, as does each
   * value that `write` accepts. Undefined for a rule whose values are never rounded.
   */
  rounds?: ((text: string) => FloatName | undefined) | undefined;
}

const ZERO = 0x30;
const NINE = 0x39;

/** Reads up to 15 digits from `start` to `end` as a number; DOUBT if there are none, more, or other characters. */
export function digits(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 15) return DOUBT;
  let number = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < ZERO || byte > NINE) return DOUBT;
    number = number * 10 + byte - ZERO;
  }
  return number;
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
