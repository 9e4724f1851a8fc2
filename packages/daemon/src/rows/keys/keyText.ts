/**
 * Compares values of a key without a database: when PostgreSQL considers two texts the same value, and how it shows
 * them. Covers types whose values are equal if their texts in a normal form are; a test compares each with PostgreSQL.
 */
import type { TargetType } from '@csvjobs/shared';
import {
  COMPARED,
  COMPARED_CHAR,
  COMPARED_DATE,
  COMPARED_INTEGER,
  COMPARED_UUID,
} from '../types/kernelKinds.js';
import { isIsoDate, isShortestInteger, isUsualUuid } from './comparedBytes.js';
import { dateText, timestampText, timeText } from './dateTimeText.js';
import { numericText, withoutEndZeros } from './numericText.js';

export interface KeyText {
  /** Returns the value of a text that the type's rule accepts, as PostgreSQL shows it in a session of csvjobs. */
  shown(text: string): string;
  /** Returns the part of a shown text to compare (default: the whole text). */
  compared?(shown: string): string;
  /** Whether the bytes of a value can be compared directly, without making a string; false if in doubt. */
  isCompared?(bytes: Uint8Array, start: number, end: number): boolean;
  /** The same for the kernel (types/kernelKinds.ts); undefined if it cannot tell. */
  kernel?: number;
}

const asItIs: KeyText = { shown: (text) => text, isCompared: () => true, kernel: COMPARED };
const integer: KeyText = {
  shown: (text) => String(BigInt(text.replace(/^\+/, ''))),
  isCompared: isShortestInteger,
  kernel: COMPARED_INTEGER,
};

const BY_NAME: Record<string, (typmod: number) => KeyText> = {
  int2: () => integer,
  int4: () => integer,
  int8: () => integer,
  numeric: (typmod) => ({
    shown: (text) => numericText(text, typmod),
    compared: withoutEndZeros,
    isCompared: isShortestInteger,
    kernel: COMPARED_INTEGER,
  }),
  text: () => asItIs,
  varchar: () => asItIs,
  // Trailing blanks do not count.
  bpchar: () => ({
    shown: (text) => text.replace(/ +$/, ''),
    isCompared: (bytes, _, end) => bytes[end - 1] !== 0x20,
    kernel: COMPARED_CHAR,
  }),
  bool: () => ({ shown: (text) => (/^(?:t|y|on|1)/i.test(text) ? 'true' : 'false') }),
  bytea: () => ({ shown: (text) => text.toLowerCase() }),
  uuid: () => ({ shown: uuidText, isCompared: isUsualUuid, kernel: COMPARED_UUID }),
  macaddr: () => ({ shown: macaddrText }),
  date: () => ({ shown: dateText, isCompared: isIsoDate, kernel: COMPARED_DATE }),
  time: () => ({ shown: timeText }),
  timestamp: () => ({ shown: (text) => timestampText(text, false) }),
  timestamptz: () => ({ shown: (text) => timestampText(text, true) }),
};

/** Returns undefined for a type if only PostgreSQL can decide whether two of its values are the same. */
export function keyTextOf({ kind, name, system, typmod }: TargetType): KeyText | undefined {
  if (kind === 'enum') return asItIs;
  return system && kind === 'base' && Object.hasOwn(BY_NAME, name) ? BY_NAME[name]!(typmod) : undefined;
}

function uuidText(text: string): string {
  const digits = text.replace(/[{}-]/g, '').toLowerCase();
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function macaddrText(text: string): string {
  return text
    .replace(/[:.-]/g, '')
    .toLowerCase()
    .replace(/..(?=.)/g, '$&:');
}
