/**
 * A type's rule: how a value gets from the bytes of a file into the binary format of COPY (PostgreSQL manual, COPY, "Binary
 * Format"; what each type expects is in its `…recv` function) without a string being made of it, and what is wrong with a
 * value that does not get there.
 */
import type { TargetReason } from '@csvjobs/shared';

/** The answer of `write` where it doubts the value: nothing of what it wrote counts, and `judge` decides. */
export const DOUBT = -1;

/** The answer of `write` where the text means that there is no value, as an empty one does. */
export const MISSING = -2;

/** A value takes at most this many bytes more than its text: a number of four digits in numeric takes ten. */
export const MOST_GROWTH = 16;

/** A reason before it is known of which column it speaks. */
export type Fault = TargetReason;

export interface TypeRule {
  /** Blanks around a value are no part of it: so for all types but text. */
  trims: boolean;
  /** An empty text is a value: `write` is asked for it too. */
  takesEmpty?: boolean;
  /** Values of at most this many bytes are written as they are: nobody has to ask `write`. */
  verbatim?: number;
  /** Bytes that a value may take more than its text, where those are not MOST_GROWTH. */
  growth?: number;
  /**
   * Writes the value that stands at `start` to `end` (at least one byte, valid UTF-8 without NUL) at `at` in `out`, which
   * has room for it (`growth`). It is called without `this`. What it accepts `judge` accepts too, and PostgreSQL stores it as it stores the text; a
   * matrix test holds each type to that. Returns where the value ends in `out`, DOUBT or
   * MISSING.
   */
  write(bytes: Uint8Array, start: number, end: number, out: DataView, at: number): number;
  /**
   * What is wrong with a value that `write` doubts: what PostgreSQL refuses, and what it would round, guess or reinterpret
   * in silence. Undefined for a value that PostgreSQL reads as it is meant.
   */
  judge(text: string): Fault | undefined;
}

const ZERO = 0x30;
const NINE = 0x39;

/** The digits from `start` to `end` as a number, up to 15 of them; DOUBT for none, more, or anything else. */
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
