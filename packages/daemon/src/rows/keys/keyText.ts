/**
 * Values of a key without a database: when PostgreSQL takes two texts for the same value, and how it shows them. For types
 * whose equality is that of their texts in one form; a test holds each to PostgreSQL.
 */
import type { TargetType } from '@csvjobs/shared';
import { isIsoDate, isShortestInteger, isUsualUuid } from './comparedBytes.js';
import { dateText, timestampText, timeText } from './dateTimeText.js';
import { numericText, withoutEndZeros } from './numericText.js';

export interface KeyText {
  /** A text that the type's rule takes, as PostgreSQL shows its value in a session of csvjobs. */
  shown(text: string): string;
  /** Of a shown text what is compared; the whole of it where not given. */
  compared?(shown: string): string;
  /** Whether the bytes of a value are what is compared, so that no string need be made of them; false where in doubt. */
  isCompared?(bytes: Uint8Array, start: number, end: number): boolean;
}

const asItIs: KeyText = { shown: (text) => text, isCompared: () => true };
const integer: KeyText = {
  shown: (text) => String(BigInt(text.replace(/^\+/, ''))),
  isCompared: isShortestInteger,
};

const BY_NAME: Record<string, (typmod: number) => KeyText> = {
  int2: () => integer,
  int4: () => integer,
  int8: () => integer,
  numeric: (typmod) => ({
    shown: (text) => numericText(text, typmod),
    compared: withoutEndZeros,
    isCompared: isShortestInteger,
  }),
  text: () => asItIs,
  varchar: () => asItIs,
  // Blanks at its end do not count.
  bpchar: () => ({
    shown: (text) => text.replace(/ +$/, ''),
    isCompared: (bytes, _, end) => bytes[end - 1] !== 0x20,
  }),
  bool: () => ({ shown: (text) => (/^(?:t|y|on|1)/i.test(text) ? 'true' : 'false') }),
  bytea: () => ({ shown: (text) => text.toLowerCase() }),
  uuid: () => ({ shown: uuidText, isCompared: isUsualUuid }),
  macaddr: () => ({ shown: macaddrText }),
  date: () => ({ shown: dateText, isCompared: isIsoDate }),
  time: () => ({ shown: timeText }),
  timestamp: () => ({ shown: (text) => timestampText(text, false) }),
  timestamptz: () => ({ shown: (text) => timestampText(text, true) }),
};

/** Undefined for a type of which only PostgreSQL knows when two values are the same. */
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
