/**
 * Why a value or a row was rejected, as data: a code, the column if there is one, and the parameters of the sentence.
 * Sentences are written only here, as the last step, and never parsed again. Scripts rely on the codes.
 */
import { notAnAddress } from '../emailAdvice.js';
import { isOrAre, withNoun } from '../withNoun.js';
import { hasSeveralDates } from './dateReadings.js';
import { listed } from './listed.js';

/** A value of the file in a sentence, shortened if long. */
interface Value {
  value: string;
  /** It is a part of a value: an item of an array, an attribute, or a bound of a range. */
  inside?: true;
}

interface TooLong {
  length: number;
  max: number;
  /** What is counted; characters by default. */
  unit?: 'byte';
}

/** The bounds of a type; or the type of floats that would store 0 for a number. */
type Range =
  | { min: string; max: string; nearZero?: undefined }
  | { nearZero: string; min?: undefined; max?: undefined };

function tooNear(type: string): string {
  return `too close to 0 for ${type}`;
}

/** A type rounds to multiples of a unit, or to the numbers that it has. */
type Rounding = { unit: string; type?: undefined } | { type: string; unit?: undefined };

interface Limited extends Value {
  limit: string;
}

/** A key that another row has: its columns with their values, and its constraint's name if known. */
interface Repeated {
  key: string;
  constraint?: string;
}

/** What PostgreSQL reports about a row that it refuses. */
interface Refused {
  says: string;
  sqlstate: string;
  constraint: string | null;
  /** What the author of a trigger, or PostgreSQL, suggests. */
  hint?: string;
  /** Its message without the words that only this row has, so that it is the same for other rows. */
  likewise?: string;
}

/** Errors raised by functions have their own class (PostgreSQL, appendix A: P0, PL/pgSQL); RAISE is P0001. */
function refusedBy({ sqlstate, constraint }: Pick<Refused, 'sqlstate' | 'constraint'>): string {
  if (constraint !== null) return `PostgreSQL refused the row (${constraint})`;
  if (sqlstate.startsWith('P0')) return `refused by a trigger (${sqlstate})`;
  return `PostgreSQL refused the row (SQLSTATE ${sqlstate})`;
}

function unlikeIso({ value, timestamp }: Value & { timestamp?: true }): string {
  if (hasSeveralDates(value)) return 'can be read as more than one date';
  return `is not in the form YYYY-MM-DD${timestamp ? ' HH:MM:SS' : ''}`;
}

/** What is wrong, one sentence per code. What to do about it is in advice.ts. */
const SENTENCES = {
  required: (_: { hasDefault?: true }) => 'a value is required',
  blanks_around: ({ value }: Value) => `${quoted(value)} has blanks around it`,
  not_an_integer: ({ value }: Value) => `${quoted(value)} is not an integer`,
  not_a_number: ({ value }: Value) => `${quoted(value)} is not a number`,
  out_of_range: ({ value, min, max, nearZero }: Value & Range) =>
    `${cut(value)} is ${nearZero === undefined ? `not between ${min} and ${max}` : tooNear(nearZero)}`,
  too_many_decimals: ({ value, scale }: Value & { scale: number }) =>
    `${cut(value)} has more than ${withNoun(scale, 'decimal')}`,
  too_many_digits: ({ value, digits }: Value & { digits: number }) =>
    `${cut(value)} has more than ${withNoun(digits, 'digit')} before the decimal point`,
  would_be_rounded: ({ value, unit, type }: Value & Rounding) =>
    type === undefined
      ? `${cut(value)} is not a multiple of ${unit}, to which the column rounds`
      : `${cut(value)} would be rounded to ${type}`,
  too_long: ({ length, max, unit }: TooLong) =>
    `the value has ${withNoun(length, unit ?? 'character')}, at most ${max} ${max === 1 ? 'fits' : 'fit'}`,
  too_few_items: ({ count, min }: { count: number; min: number }) =>
    `the list has ${withNoun(count, 'item')}, at least ${min} ${isOrAre(min)} required`,
  too_many_items: ({ count, max }: { count: number; max: number }) =>
    `the list has ${withNoun(count, 'item')}, at most ${max} ${isOrAre(max)} allowed`,
  too_short: ({ length, min }: { length: number; min: number }) =>
    `the value has ${withNoun(length, 'character')}, at least ${min} ${isOrAre(min)} required`,
  not_a_boolean: ({ value }: Value) => `${quoted(value)} is not a boolean`,
  not_a_date: ({ value }: Value) => `${quoted(value)} is not a date`,
  not_a_time: ({ value, zone }: Value & { zone?: true }) =>
    `${quoted(value)} is not a time${zone ? ' with an offset' : ''}`,
  not_a_timestamp: ({ value }: Value) => `${quoted(value)} is not a timestamp`,
  time_ignored: ({ value }: Value) => `${quoted(value)} has a time of day, which the column cannot keep`,
  no_such_date: ({ value }: Value) => `${cut(value)} is not in the calendar`,
  no_such_time: ({ value }: Value) => `${cut(value)} is not a time of day`,
  date_format_unknown: (params: Value & { timestamp?: true }) =>
    `${quoted(params.value)} ${unlikeIso(params)}`,
  time_zone_missing: ({ value }: Value) => `${quoted(value)} names no time zone`,
  time_skipped: ({ value, timeZone }: Value & { timeZone: string }) =>
    `${quoted(value)} does not exist in ${timeZone}, where clocks were put forward past it`,
  time_repeated: ({ value, timeZone }: Value & { timeZone: string; first: string; second: string }) =>
    `${quoted(value)} exists twice in ${timeZone}, where clocks were put back over it`,
  time_zone_ignored: ({ value }: Value) => `${quoted(value)} has a time zone, which the column cannot keep`,
  not_a_uuid: ({ value }: Value) => `${quoted(value)} is not a UUID`,
  not_bytes: ({ value }: Value) => `${quoted(value)} is not binary data`,
  not_in_list: ({
    value,
    allowed,
  }: Value & {
    allowed: readonly string[] /** The spec has them as trueValues and falseValues. */;
    booleans?: true;
  }) => `${quoted(value)} is none of ${listed(allowed)}`,
  not_in_number_format: ({ value, decimal, group }: Value & { decimal: string; group?: string }) =>
    `${quoted(value)} is not a number with ${group === undefined ? '' : `${quoted(group)} between groups and `}${quoted(decimal)} before the decimals`,
  email_invalid: ({ value }: Value) => `${quoted(value)} is ${notAnAddress(value)}`,
  not_in_format: ({ value, format }: Value & { format: string }) =>
    `${quoted(value)} is not in the format ${quoted(format)}`,
  too_small: ({ value, limit }: Limited) => `${quoted(value)} is less than ${limit}`,
  not_above: ({ value, limit }: Limited) => `${quoted(value)} is not more than ${limit}`,
  too_large: ({ value, limit }: Limited) => `${quoted(value)} is more than ${limit}`,
  not_below: ({ value, limit }: Limited) => `${quoted(value)} is not less than ${limit}`,
  not_comparable: ({ value, limit }: Limited) => `${quoted(value)} cannot be compared with ${limit}`,
  pattern_mismatch: ({ value, pattern }: Value & { pattern: string }) =>
    `${quoted(value)} does not match ${pattern}`,
  not_json: ({ value, says }: Value & { says: string }) => `${quoted(value)} is not valid JSON: ${says}`,
  not_an_address: ({ value, type }: Value & { type: string }) =>
    `${quoted(value)} is not an address of type ${type}`,
  not_an_array: ({ value }: Value) => `${quoted(value)} is not an array`,
  invalid_value: ({
    value,
    type,
    says,
  }: Value & { type: string; says: string; sqlstate: string; constraint?: string | null }) =>
    `${quoted(value)} is not a valid ${type}: ${says}`,
  check_failed: ({ constraint, expression }: { constraint: string; expression: string }) =>
    `the check ${constraint} (${expression}) does not hold`,
  foreign_key_missing: ({
    value,
    references,
    constraint,
  }: Value & { references: string; constraint: string }) =>
    `${cut(value)} is not in ${references} (${constraint})`,
  lookup_missing: ({ value, references }: Value & { references: string }) =>
    `${quoted(value)} is not in ${references}`,
  lookup_ambiguous: ({ value, references, count }: Value & { references: string; count: number }) =>
    `${quoted(value)} is in ${references} ${count} times`,
  duplicate_in_file: ({ row, key }: Repeated & { row: number }) => `duplicate of row ${row} (${key})`,
  duplicate_in_table: ({ table, key, origin }: Repeated & { table: string; origin?: 'unknown' }) =>
    `already in ${table}${origin === undefined ? '' : ', perhaps from an earlier row of this file'} (${key})`,
  not_in_table: ({ table, key }: Repeated & { table: string; made?: boolean }) => `not in ${table} (${key})`,
  partition_missing: ({ table, key }: { table: string; key: string }) =>
    `${cut(table)} has no partition for ${cut(key)}`,
  refused: ({ says, ...by }: Refused) => `${refusedBy(by)}: ${says}`,
  dropped_by_trigger: ({ storedIn }: { storedIn?: string }) =>
    storedIn === undefined
      ? 'a trigger or a rule of the table dropped the row'
      : `a trigger or a rule stored the row in ${cut(storedIn)} instead, which inherits from the table`,
} as const;

export type TargetReasonCode = keyof typeof SENTENCES;

/** All codes, in the order of the list above. */
export const TARGET_REASON_CODES = Object.keys(SENTENCES) as [TargetReasonCode, ...TargetReasonCode[]];

/** The parameters of a code. */
export type ReasonParams<Code extends TargetReasonCode> = Parameters<(typeof SENTENCES)[Code]>[0];

/** A reason: any code, with that code's params. `column` is the first column to blame. */
export type TargetReason = {
  [Code in TargetReasonCode]: {
    code: Code;
    column?: string;
    params: ReasonParams<Code> extends undefined ? Record<string, never> : ReasonParams<Code>;
  };
}[TargetReasonCode];

/** The sentence of a reason: `quantity: "1,5" is not an integer`. */
export function sentenceOf({ code, column, params }: TargetReason): string {
  const sentence = (SENTENCES[code] as (params: unknown) => string)(params);
  return column === undefined ? sentence : `${column}: ${sentence}`;
}

/**
 * What the rows with the same reason have in common: the sentence without the parts that only one row has (a value, a
 * row number, words of PostgreSQL that may quote a value). A table and a spec lead to a bounded number of headings.
 */
const HEADINGS: { [Code in TargetReasonCode]: (params: ReasonParams<Code>) => string } = {
  required: () => SENTENCES.required({}),
  blanks_around: () => 'has blanks around it',
  not_an_integer: () => 'not an integer',
  not_a_number: () => 'not a number',
  out_of_range: ({ min, max, nearZero }) =>
    nearZero === undefined ? `not between ${min} and ${max}` : tooNear(nearZero),
  too_many_decimals: ({ scale }) => `more than ${withNoun(scale, 'decimal')}`,
  too_many_digits: ({ digits }) => `more than ${withNoun(digits, 'digit')} before the decimal point`,
  would_be_rounded: ({ unit, type }) =>
    type === undefined
      ? `not a multiple of ${unit}, to which the column rounds`
      : `would be rounded to ${type}`,
  too_long: ({ max, unit }) => `more than ${withNoun(max, unit ?? 'character')}`,
  not_a_boolean: () => 'not a boolean',
  not_a_date: () => 'not a date',
  not_a_time: () => 'not a time',
  not_a_timestamp: () => 'not a timestamp',
  time_ignored: () => 'has a time of day, which the column cannot keep',
  no_such_date: () => 'not in the calendar',
  no_such_time: () => 'not a time of day',
  date_format_unknown: (params) => unlikeIso(params).replace(/^is /, ''),
  time_zone_missing: () => 'names no time zone',
  time_skipped: ({ timeZone }) => `does not exist in ${timeZone}, where clocks were put forward past it`,
  time_repeated: ({ timeZone }) => `exists twice in ${timeZone}, where clocks were put back over it`,
  time_zone_ignored: () => 'has a time zone, which the column cannot keep',
  not_a_uuid: () => 'not a UUID',
  not_bytes: () => 'not binary data',
  not_in_list: ({ allowed }) => `none of ${listed(allowed)}`,
  not_in_number_format: ({ decimal, group }) =>
    `not a number with ${group === undefined ? '' : `${quoted(group)} between groups and `}${quoted(decimal)} before the decimals`,
  email_invalid: ({ value }) => notAnAddress(value),
  not_in_format: ({ format }) => `not in the format ${quoted(format)}`,
  too_few_items: ({ min }) => `a list of less than ${withNoun(min, 'item')}`,
  too_many_items: ({ max }) => `a list of more than ${withNoun(max, 'item')}`,
  too_short: ({ min }) => `less than ${withNoun(min, 'character')}`,
  too_small: ({ limit }) => `less than ${limit}`,
  not_above: ({ limit }) => `not more than ${limit}`,
  too_large: ({ limit }) => `more than ${limit}`,
  not_below: ({ limit }) => `not less than ${limit}`,
  not_comparable: ({ limit }) => `not to be compared with ${limit}`,
  pattern_mismatch: ({ pattern }) => `does not match ${pattern}`,
  not_json: () => 'not valid JSON',
  not_an_address: ({ type }) => `not an address of type ${type}`,
  not_an_array: () => 'not an array',
  invalid_value: ({ type }) => `not a valid ${type}`,
  check_failed: SENTENCES.check_failed,
  foreign_key_missing: ({ references, constraint }) => `not in ${references} (${constraint})`,
  lookup_missing: ({ references }) => `not in ${references}`,
  lookup_ambiguous: ({ references }) => `more than once in ${references}`,
  duplicate_in_file: () => 'duplicate of an earlier row',
  duplicate_in_table: ({ table }) => `already in ${table}`,
  not_in_table: ({ table }) => `not in ${table}`,
  partition_missing: ({ table }) => `${table} has no partition for it`,
  refused: ({ likewise, ...by }) =>
    likewise === undefined ? refusedBy(by) : `${refusedBy(by)}: ${likewise}`,
  dropped_by_trigger: SENTENCES.dropped_by_trigger,
};

/** Returns the reason without its value, by which rows are counted: `quantity: not an integer`. */
export function headingOf({ code, column, params }: TargetReason): string {
  const heading = (HEADINGS[code] as (params: unknown) => string)(params);
  return column === undefined ? heading : `${column}: ${heading}`;
}

const SHOWN_LENGTH = 60;

/** Shortens a value, because a cell may have a million characters. */
function cut(value: string): string {
  const shown = [...value.slice(0, 2 * SHOWN_LENGTH)].slice(0, SHOWN_LENGTH).join('');
  return shown.length < value.length ? `${shown}…` : value;
}

function quoted(value: string): string {
  return JSON.stringify(cut(value));
}
