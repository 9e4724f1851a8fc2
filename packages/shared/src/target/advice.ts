/** What a person can do about a reason: one sentence per code. All advice is written here. */
import { shellWord } from '../shellWord.js';
import { withNoun } from '../withNoun.js';
import {
  commaAdvice,
  formatAdvice,
  groupAdvice,
  noValueAdvice,
  wordsLike,
  zoneAdvice,
} from './likelyForm.js';
import type { ReasonParams, TargetReason, TargetReasonCode } from './reasons.js';

type Advice = { [Code in TargetReasonCode]: (params: ReasonParams<Code>) => string };

const ADVICE: Advice = {
  required: () => 'Fill in the value, or give a default in the spec (csvjobs.default).',
  blanks_around: () =>
    'Remove the blanks in the file, or say that they are no part of values (--trim, csvjobs.trim in the spec).',
  not_an_integer: ({ value }) =>
    groupAdvice(value, '.') ?? 'Use digits alone, or say which character stands between groups (--group).',
  not_a_number: ({ value }) =>
    commaAdvice(value) ??
    groupAdvice(value, '.') ??
    'Use digits and a decimal point, or say which characters the file has (--decimal, --group).',
  not_in_number_format: ({ value, decimal, group }) =>
    (group === undefined ? groupAdvice(value, decimal) : undefined) ??
    'Correct the value, or change decimalChar, groupChar or bareNumber in the spec.',
  out_of_range: ({ nearZero }) =>
    nearZero === undefined
      ? 'Correct the value, or use a column with a larger type.'
      : 'Write 0, or use a column of type numeric.',
  too_many_decimals: () => 'Round the value in the file, or use a column with more decimals.',
  too_many_digits: () => 'Correct the value, or use a column with more digits.',
  would_be_rounded: ({ unit, type }) =>
    type === undefined
      ? `Round the value to a multiple of ${unit} in the file.`
      : 'Round the value in the file, or use a column of type numeric.',
  too_long: ({ max, unit }) =>
    unit === undefined
      ? `Shorten the value to ${withNoun(max, 'character')}, or use a longer column.`
      : `Shorten the value to ${withNoun(max, unit)}, or use a column of type text; letters beyond ASCII take several bytes.`,
  too_short: () => 'Complete the value, or change minLength in the spec.',
  too_few_items: () => 'Complete the list, or change minLength in the spec.',
  too_many_items: () => 'Shorten the list, or change maxLength in the spec.',
  too_small: () => 'Correct the value, or change minimum in the spec.',
  not_above: () => 'Correct the value, or change exclusiveMinimum in the spec.',
  too_large: () => 'Correct the value, or change maximum in the spec.',
  not_below: () => 'Correct the value, or change exclusiveMaximum in the spec.',
  not_comparable: () => 'Write the value in ISO 8601 form, or declare its format in the spec.',
  pattern_mismatch: () => 'Correct the value, or change the pattern in the spec.',
  not_a_boolean: ({ value }) => `Use true or false, or declare ${wordsLike(value)} of the field in the spec.`,
  not_a_date: ({ value }) => formatAdvice(value, 'date'),
  not_a_time: ({ zone }) =>
    zone
      ? 'Use HH:MM:SS and the offset: 10:00:00+02:00.'
      : 'Use HH:MM:SS, or declare the format of the field in the spec.',
  not_a_timestamp: ({ value }) => formatAdvice(value, 'timestamp'),
  time_ignored: () => 'Leave the time out of the value, or use a timestamp column.',
  no_such_date: () => 'Correct the date; if day and month are swapped, change the format in the spec.',
  no_such_time: () => 'Correct the time: hours are 0 to 23, minutes and seconds 0 to 59.',
  date_format_unknown: ({ value, timestamp }) => formatAdvice(value, timestamp ? 'timestamp' : 'date'),
  email_invalid: () => 'Write one address and nothing else, for example ann@example.com.',
  not_in_format: () => 'Correct the value, or change the format in the spec.',
  time_zone_missing: () =>
    'Add the time zone to the value (Z, +02:00), or declare the one of all values: --time-zone Europe/Berlin.',
  time_skipped: () => 'Correct the time, or write it with its offset, for example +02:00.',
  time_repeated: ({ first, second }) =>
    `Write it with its offset: ${first} for the first time, ${second} for the second.`,
  time_zone_ignored: ({ value, inside }) =>
    (inside ? undefined : zoneAdvice(value)) ??
    'Leave the time zone out, or use a column of type timestamptz.',
  not_a_uuid: () => 'Use 32 hexadecimal digits in groups: 8-4-4-4-12.',
  not_bytes: () => 'Write \\x and two hexadecimal digits for each byte.',
  not_json: () => 'Correct the document; in CSV, quotes inside a quoted field are doubled.',
  not_an_address: ({ type }) =>
    type === 'macaddr'
      ? 'Use the form 08:00:2b:01:02:03.'
      : type === 'cidr'
        ? 'Use an address and a length such as 10.0.0.0/8, with zeros behind the length.'
        : 'Use a whole address such as 10.0.0.1 or 2001:db8::1.',
  not_an_array: () => 'Write {a,b}, or declare the field as a list with its delimiter in the spec.',
  not_in_list: ({ booleans }) =>
    `Use one of the words listed, to the letter, or ${booleans ? 'add the word to trueValues or falseValues' : 'declare categories'} in the spec.`,
  invalid_value: ({ type }) => `Correct the value so that PostgreSQL accepts it as ${type}.`,
  check_failed: ({ constraint }) => `Correct the row so that the check ${constraint} holds.`,
  foreign_key_missing: ({ references }) => `Load the row that is missing in ${references} first.`,
  lookup_missing: ({ references }) =>
    `Load the row that is missing in ${references} first, or correct the value.`,
  lookup_ambiguous: () => 'Look up by columns that are unique together (csvjobs.lookup in the spec).',
  duplicate_in_file: () => 'Remove one of the two rows.',
  duplicate_in_table: () => 'Remove the row from the file if the table already has it.',
  not_in_table: ({ made }) =>
    made
      ? 'Correct the key: the table makes the keys of new rows itself.'
      : 'Correct the key, or load without --update-only so that the row is inserted.',
  partition_missing: ({ table }) => `Create the partition of ${table} first, or correct the value.`,
  refused: ({ sqlstate, hint, says }) =>
    hint !== undefined
      ? `${hint.trim().replace(/\.+$/, '')}.`
      : sqlstate.startsWith('P0')
        ? 'Correct the row as the message says; the table’s owner knows what its triggers demand.'
        : sqlstate === '42501'
          ? says.startsWith('permission denied')
            ? 'Ask its owner to grant the right to the database role of csvjobs.'
            : 'Ask the table’s owner which rows this database role may insert and update (row security).'
          : 'Correct the row as PostgreSQL’s message says.',
  dropped_by_trigger: ({ storedIn }) =>
    storedIn === undefined
      ? 'Ask the table’s owner which rows its triggers and rules drop.'
      : `Load such rows with --into ${shellWord(storedIn)}; or let the table’s owner make it a partitioned table (PARTITION BY), which csvjobs loads by its own name.`,
};

/** How PostgreSQL writes a part of a value, where options and formats of the spec do not apply. */
const WRITTEN: Partial<Record<TargetReasonCode, string>> = {
  not_an_integer: 'digits alone',
  not_a_number: 'digits and a decimal point',
  not_a_boolean: 'true or false',
  not_a_date: 'YYYY-MM-DD',
  not_a_time: 'HH:MM:SS',
  not_a_timestamp: 'YYYY-MM-DD HH:MM:SS',
  not_in_list: 'one of the words listed, to the letter',
  not_an_array: '{a,b}',
  time_zone_missing: 'a time with its offset (2024-05-01 10:00Z)',
};

function partAdvice({ code, params }: TargetReason): string | undefined {
  if (!('inside' in params) || !params.inside || ('zone' in params && params.zone)) return undefined;
  const isUnknown = code === 'date_format_unknown';
  const form = isUnknown ? WRITTEN[params.timestamp ? 'not_a_timestamp' : 'not_a_date'] : WRITTEN[code];
  return form && `Use ${form}: options and formats of the spec apply to whole values, not to their parts.`;
}

/** Values that are nothing of their column's type, so they may be the file's word for no value. */
const UNREAD: ReadonlySet<TargetReasonCode> = new Set([
  'not_an_integer',
  'not_a_number',
  'not_in_number_format',
  'not_a_boolean',
  'not_a_date',
  'not_a_time',
  'not_a_timestamp',
  'date_format_unknown',
  'not_a_uuid',
  'not_an_address',
]);

/** Reasons of columns of numbers. */
const NUMBERS: ReadonlySet<TargetReasonCode> = new Set([
  'not_an_integer',
  'not_a_number',
  'not_in_number_format',
]);

/** Returns the advice for a reason. */
export function adviceOf(reason: TargetReason): string {
  const part = partAdvice(reason);
  if (part !== undefined) return part;
  const { code, column, params } = reason;
  // Only a file whose "" is a value has it (--quoted-empty text, or missingValues without ""): no form of numbers or dates helps.
  if ('value' in params && params.value === '')
    return 'Fill in the value, or say that "" means no value (--quoted-empty missing, or "" in missingValues of the spec).';
  if (code === 'required' && params.hasDefault && column !== undefined)
    return `Fill in the value, or add --blanks ${shellWord(`${column}=default`)} to the upload: the column has a DEFAULT.`;
  const value = UNREAD.has(code) && 'value' in params ? String(params.value) : undefined;
  const none = value === undefined ? undefined : noValueAdvice(value, NUMBERS.has(code));
  if (none !== undefined) return none;
  return (ADVICE[code] as (params: unknown) => string)(params);
}
