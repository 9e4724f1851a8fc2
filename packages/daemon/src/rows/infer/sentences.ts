/** Sentences about a proposed column, for a comment in the statement and for a notice. */
import type { NewColumnType, OddValue } from '@csvjobs/shared';
import { grouped } from '@csvjobs/shared/reading';
import type { SeenValue } from './columnSurvey.js';
import { quotedOnOneLine } from './shownValue.js';
import type { TextReason } from './verdict.js';

/** `others are …`. */
const WORDS: Record<NewColumnType, string> = {
  boolean: 'booleans',
  integer: 'integers',
  bigint: 'integers',
  numeric: 'numeric',
  'double precision': 'numeric',
  date: 'dates',
  time: 'times',
  timestamp: 'timestamps',
  timestamptz: 'timestamps with time zone',
  uuid: 'UUIDs',
  jsonb: 'JSON',
  text: 'text',
};

/** Says why a column is text: `amount: text, as line 4712 has "n/a" (12,345 other values are numeric)`. */
export function whyTextSentence(column: string, reason: Exclude<TextReason, { why: 'no_values' }>): string {
  return `${shownName(column)}: text, as ${because(reason)}`;
}

/** Says what was assumed: `price: numeric, with "1.000" (line 2) read as 1, not as 1000`. */
export function groupedSentence(column: string, { line, value }: SeenValue): string {
  const shown = value.trim();
  const digits = shown.replace('.', '');
  return `${shownName(column)}: numeric, as the point of ${quotedOnOneLine(shown)} (line ${line}) is read as a decimal point; if it separates thousands (${digits}), add --decimal , --group . to this command and to the upload`;
}

function because(reason: Exclude<TextReason, { why: 'no_values' }>): string {
  if (reason.why === 'odd') return becauseOdd(reason.odd, reason.isOneWord);
  const { line, value } = reason.first;
  const shown = `${quotedOnOneLine(value)} (line ${line})`;
  if (reason.why === 'code_name')
    return `its name says that digits such as ${shown} are a code: the next one may begin with a zero or a plus sign`;
  if (reason.why === 'one_word') return `${shown} alone does not show that it is a boolean`;
  if (reason.why === 'local_boolean')
    return `${shown} is a boolean only with its words declared: for a boolean column, declare ${reason.words} of the field in a spec`;
  if (reason.why === 'local_date')
    return `${shown} may be read in several ways; a spec can declare the format of a date`;
  if (reason.why === 'local_number')
    return /^-?\d+,\d+$/.test(value)
      ? `${shown} is a number only with its comma declared: --decimal , for a decimal comma, --group , for thousands`
      : `${shown} is a number only with its marks declared: --decimal and --group`;
  if (value.includes('+')) return `a number would drop the plus sign of ${shown}`;
  if (/^\s*-?0/.test(value)) return `a number would drop the leading zero of ${shown}`;
  return `${shown} is taken for an id: it has 15 digits or more`;
}

function becauseOdd({ line, value, values, others, type }: OddValue, isOneWord: boolean): string {
  const first = `line ${line} has ${quotedOnOneLine(value)}`;
  if (values === 1) return `${first} (${grouped(others)} other values are ${WORDS[type]})`;
  if (isOneWord)
    return `${first}, as ${grouped(values - 1)} more ${values === 2 ? 'record does' : 'records do'} (${grouped(others)} other values are ${WORDS[type]}); if it means no value, a spec can declare that (missingValues)`;
  return `${first}, the first of ${grouped(values)} values that are not ${WORDS[type]} (${grouped(others)} others are)`;
}

/** Names all columns without values in one sentence, because an export may have dozens. */
export function noValuesSentence(columns: readonly string[]): string {
  const [first] = columns;
  return columns.length === 1
    ? `${shownName(first!)}: text, as it has no values`
    : `text, as they have no values: ${columns.map(shownName).join(', ')}`;
}

/** Shows a name in a sentence: in quotes unless it is one plain word. */
export function shownName(name: string): string {
  return /^[\p{L}\p{N}\p{M}_]+$/u.test(name) ? name : quotedOnOneLine(name);
}
