/**
 * Finds the type of a column from all of its values: the narrowest type that preserves every value as it is written.
 */
import { declaredWords, type NewColumnType, type OddValue } from '@csvjobs/shared';
import { namesCode } from './codeNames.js';
import type { ColumnSurvey, SeenValue } from './columnSurvey.js';
import {
  CODE,
  DATE,
  DECIMAL,
  FALSE_SHORT,
  FALSE_WORD,
  FLOAT,
  has,
  INT4,
  INT8,
  JSON_VALUE,
  KINDS,
  LOCAL_DATE,
  LOCAL_FALSE,
  LOCAL_NUMBER,
  LOCAL_TRUE,
  LONG_DECIMAL,
  LONG_FLOAT,
  OTHER,
  POINT_NUMBER,
  setOf,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  TRUE_SHORT,
  TRUE_WORD,
  UUID,
} from './kinds.js';

/** Narrowest first. float8 only if values have an exponent, because it would be the wrong type for money. */
const TYPES: readonly (readonly [type: NewColumnType, takes: number])[] = [
  ['boolean', setOf(TRUE_WORD, FALSE_WORD, TRUE_SHORT, FALSE_SHORT)],
  ['integer', setOf(INT4)],
  ['bigint', setOf(INT4, INT8)],
  ['double precision', setOf(INT4, INT8, DECIMAL, POINT_NUMBER, FLOAT)],
  ['numeric', setOf(INT4, INT8, DECIMAL, POINT_NUMBER, LONG_DECIMAL, FLOAT, LONG_FLOAT)],
  ['date', setOf(DATE)],
  ['time', setOf(TIME)],
  ['timestamp', setOf(TIMESTAMP)],
  ['timestamptz', setOf(TIMESTAMPTZ)],
  ['uuid', setOf(UUID)],
  ['jsonb', setOf(JSON_VALUE)],
];

/** Why a column is text, if that is not obvious. */
export type TextReason =
  /** No record has a value. */
  | { why: 'no_values' }
  /** Most values have another type. `isOneWord`: all others are the same word, which may mean a missing value. */
  | { why: 'odd'; odd: OddValue; isOneWord: boolean }
  /** All values are digits, and a number would change them, or they are IDs. */
  | { why: 'code'; first: SeenValue }
  /** All values are digits, and the column's name says that they are a code. */
  | { why: 'code_name'; first: SeenValue }
  /** All values are dates, or numbers, as some country writes them. */
  | { why: 'local_date' | 'local_number'; first: SeenValue }
  /** All values are words for true or false in the same other language. `words`: what a spec can declare. */
  | { why: 'local_boolean'; first: SeenValue; words: string }
  /** All values are the same short word for true or false. */
  | { why: 'one_word'; first: SeenValue };

export interface ColumnVerdict {
  type: NewColumnType;
  /** Undefined for other types, and for obvious text. */
  reason: TextReason | undefined;
  /** For a number: the first value if each point in the column may separate thousands. */
  grouped?: SeenValue;
}

/** @param header the column's name in the file */
export function verdictOn(column: ColumnSurvey, header = ''): ColumnVerdict {
  const { kinds, first } = column;
  if (kinds === 0) return { type: 'text', reason: { why: 'no_values' } };
  if ((kinds & ~setOf(INT4, INT8)) === 0 && namesCode(header))
    return { type: 'text', reason: { why: 'code_name', first: (first[INT4] ?? first[INT8])! } };
  const type = TYPES.find(([name, takes]) => (kinds & ~takes) === 0 && isSure(name, kinds))?.[0];
  if (type === undefined) return { type: 'text', reason: whyText(column) };
  const grouped = first[POINT_NUMBER];
  const isDoubtful = grouped !== undefined && (kinds & ~setOf(INT4, INT8, POINT_NUMBER)) === 0;
  return { type, reason: undefined, ...(isDoubtful && { grouped }) };
}

/** Whether values that a type accepts certainly have that type. */
function isSure(type: NewColumnType, kinds: number): boolean {
  if (type === 'double precision') return has(kinds, FLOAT);
  if (type !== 'boolean') return true;
  const inFull = has(kinds, TRUE_WORD) || has(kinds, FALSE_WORD);
  return inFull || (has(kinds, TRUE_SHORT) && has(kinds, FALSE_SHORT));
}

function whyText(column: ColumnSurvey): TextReason | undefined {
  const { kinds, first } = column;
  const isNumber = has(kinds, LOCAL_NUMBER) && (kinds & ~setOf(LOCAL_NUMBER, POINT_NUMBER, INT4, INT8)) === 0;
  const local: TextReason = { why: 'local_number', first: first[LOCAL_NUMBER]! };
  // `1.000` beside `1.234.567` is no odd value.
  if (isNumber && has(kinds, POINT_NUMBER)) return local;
  const boolean = localBooleans(column);
  if (boolean) return boolean;
  const odd = oddValue(column);
  if (odd !== undefined) {
    const isOneWord = column.oneOther && odd.values === column.counts[OTHER];
    return { why: 'odd', odd, isOneWord };
  }
  if (has(kinds, CODE) && (kinds & ~setOf(CODE, INT4, INT8)) === 0)
    return { why: 'code', first: first[CODE]! };
  if (kinds === setOf(LOCAL_DATE)) return { why: 'local_date', first: first[LOCAL_DATE]! };
  if (isNumber) return local;
  const word = [TRUE_SHORT, FALSE_SHORT].find((kind) => kinds === setOf(kind));
  return word === undefined ? undefined : { why: 'one_word', first: first[word]! };
}

/** `no` may be Spanish beside `sí`. */
function localBooleans({ kinds, first }: ColumnSurvey): TextReason | undefined {
  if ((kinds & ~setOf(LOCAL_TRUE, LOCAL_FALSE, TRUE_SHORT, FALSE_SHORT)) !== 0) return undefined;
  const yes = first[LOCAL_TRUE] ?? first[TRUE_SHORT];
  const no = first[LOCAL_FALSE] ?? first[FALSE_SHORT];
  const words = yes && no && declaredWords(yes.value.trim(), no.value.trim());
  return words ? { why: 'local_boolean', first: yes, words } : undefined;
}

/**
 * Returns the first of the values that do not have the type of most values; undefined if there are none, or too many.
 */
function oddValue({ counts, first, values }: ColumnSurvey): OddValue | undefined {
  const sum = (set: number) =>
    counts.reduce((total, count, kind) => (has(set, kind) ? total + count : total), 0);
  let most = { type: 'text' as NewColumnType, takes: 0, others: 0 };
  for (const [type, takes] of TYPES) {
    // Messages call all of these numbers "numeric".
    if (type === 'double precision') continue;
    const others = sum(takes);
    if (others > most.others) most = { type, takes, others };
  }
  const { type, takes, others } = most;
  const odd = values - others;
  if (odd === 0 || others <= odd) return undefined;
  const strays = Array.from({ length: KINDS }, (_, kind) => (has(takes, kind) ? undefined : first[kind]));
  const earliest = strays.reduce(
    (one, other) => (!one || (other && other.line < one.line) ? other : one),
    undefined,
  );
  return { ...earliest!, values: odd, others, type };
}
