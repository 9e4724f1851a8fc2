/** Guesses which option or spec property would read a rejected value, from how the value is written. */
import { shellWord } from '../shellWord.js';

/** Advice for `1,5` and `1.234,56`, but not for `1,234`, where the comma may separate groups. */
export function commaAdvice(value: string): string | undefined {
  if (/^[+-]?\d{1,3}(\.\d{3})+,\d+$/.test(value))
    return 'If commas are decimal signs in the file, add --decimal , --group . to the upload.';
  if (!/^[+-]?\d+,\d+$/.test(value) || /^[+-]?\d{1,3},\d{3}$/.test(value)) return undefined;
  return 'If commas are decimal signs in the file, add --decimal , to the upload.';
}

/** Advice for `1,234.50`, `1 234` and `1'234'567`, and for `1.234,50` if the decimal character is a comma. */
export function groupAdvice(value: string, decimal: string): string | undefined {
  const mark = /^[+-]?\d{1,3}(?:([.,'’ \u00a0\u202f])\d{3}(?:\1\d{3})*)(?![\d])(.*)$/.exec(value);
  if (POINT_GROUPS.test(value) && decimal === '.')
    return 'If points separate groups of digits in the file, add --decimal , --group . to the upload.';
  if (!mark || mark[1] === decimal || !(mark[2] === '' || mark[2]!.startsWith(decimal))) return undefined;
  // A comma may be a decimal sign, unless a point follows it.
  if (mark[1] === ',' && mark[2] === '' && !/,.*,/.test(value)) return undefined;
  return `If groups of digits are separated in the file, add --group ${shellMark(mark[1]!)} to the upload.`;
}

/**
 * Advice for what programs write for no value (R, pandas, spreadsheets, C), and for the numbers that are not finite, which
 * no numeric column gets from a file; undefined for anything else.
 * @param isNumber the column has numbers
 */
export function noValueAdvice(value: string, isNumber: boolean): string | undefined {
  const notFinite = NOT_FINITE.test(value);
  if (!notFinite && !NO_VALUE.test(value)) return undefined;
  const option = `--null${value.startsWith('-') ? '=' : ' '}${shellWord(value)}`;
  return `${notFinite && isNumber ? 'Use a finite number. ' : ''}If ${value} means no value, add ${option} to the upload.`;
}

const NOT_FINITE = /^[+-]?(?:nan(?:\([a-z]+\))?|inf(?:inity)?|∞|1\.#[a-z]+)$/i;
const NO_VALUE =
  /^(?:\\N|#?n\/a|na|n\.a\.|null|nil|none|\(null\)|<null>|<na>|-+|\?+|#(?:num|div\/0|value|ref|null)!|#name\?)$/i;

/** A point at each third digit: as a decimal point, it would stand once. */
const POINT_GROUPS = /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+$/;

/** Like `shellWord`, for a single mark: a quote that others enclose is easier to read than an escaped one. */
function shellMark(mark: string): string {
  return /[.,]/.test(mark) ? mark : mark === "'" ? `"'"` : `'${mark}'`;
}

/** Words for true and false that occur in exports but that PostgreSQL does not accept. */
const WORDS: readonly (readonly [string, string])[] = [
  ['ja', 'nein'],
  ['wahr', 'falsch'],
  ['oui', 'non'],
  ['vrai', 'faux'],
  ['sí', 'no'],
  ['si', 'no'],
  ['vero', 'falso'],
  ['verdadero', 'falso'],
  ['verdadeiro', 'falso'],
  ['sim', 'não'],
  ['ja', 'nee'],
];

/** Returns what such a word means; undefined for any other. */
export function localBoolean(value: string): boolean | undefined {
  const word = value.toLowerCase();
  if (WORDS.some(([yes]) => yes === word)) return true;
  return WORDS.some(([, no]) => no === word) ? false : undefined;
}

/** Returns what a spec can declare for a word that a boolean column does not accept. */
export function wordsLike(value: string): string {
  return declaredWords(value, value) ?? 'trueValues and falseValues';
}

/** Like `wordsLike`; undefined unless both words are of the same language. */
export function declaredWords(value: string, other: string): string | undefined {
  const pair = WORDS.find((words) => [value, other].every((each) => words.includes(each.toLowerCase())));
  if (!pair) return undefined;
  const [yes, no] = pair.map((word) => JSON.stringify(asWritten(word, value)));
  return `trueValues [${yes}] and falseValues [${no}]`;
}

/** Writes a word in the case of another: `Ja` and `JA` give `Nein` and `NEIN`. */
function asWritten(word: string, like: string): string {
  if (like.length > 1 && like === like.toUpperCase()) return word.toUpperCase();
  return /^\p{Lu}/u.test(like) ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}

/**
 * Advice for a date or timestamp. In a date with points the day always comes first; in a date with slashes the month
 * may come first, unless a number above 12 decides it.
 * @param kind of the column: a date keeps no time
 */
export function formatAdvice(value: string, kind: 'date' | 'timestamp'): string {
  const found = DATE.exec(value)?.groups;
  if (!found) {
    const form = kind === 'date' ? 'YYYY-MM-DD' : 'YYYY-MM-DD HH:MM:SS';
    return `Use ${form}, or say how ${kind}s are written in the file (--${kind}-format).`;
  }
  const { first, mark, second, year = '', clock, seconds } = found;
  const time = clock === undefined ? '' : ` %H:%M${seconds === undefined ? '' : ':%S'}`;
  if (kind === 'date' && time !== '') return 'Leave the time out of the value, or use a timestamp column.';
  const option = `--${kind}-format`;
  const format = (order: string) => {
    const written = `${order
      .split('')
      .map((letter) => `%${letter}`)
      .join(mark)}${mark}${year.length === 2 ? '%y' : '%Y'}${time}`;
    return time === '' ? `${option} ${written}` : `${option} '${written}'`;
  };
  const isDayFirst = mark === '.' || Number(first) > 12;
  if (isDayFirst) return `Add ${format('dm')} to the upload.`;
  if (Number(second) > 12) return `Add ${format('md')} to the upload.`;
  return `Add ${format('dm')} to the upload, or %m first where that is the month.`;
}

/**
 * Advice for `2024-05-01T10:00:00.123Z` and `2024-05-01 10:00:00 UTC` in a column that keeps no time zone: programs write
 * times of such columns with the zone of all of them.
 */
export function zoneAdvice(value: string): string | undefined {
  const found = UTC.exec(value)?.groups;
  if (!found) return undefined;
  const { between, seconds, decimals, zone } = found;
  const format = `%Y-%m-%d${between}%H:%M${seconds === undefined ? '' : ':%S'}${decimals === undefined ? '' : '.%f'}${zone}`;
  return `If all times in the file are UTC, and so are those of the column, add --timestamp-format ${/ /.test(format) ? `'${format}'` : format} to the upload.`;
}

const UTC =
  /^\d{4}-\d\d-\d\d(?<between>[T ])\d\d:\d\d(?<seconds>:\d\d(?<decimals>\.\d{1,6})?)?(?<zone> ?(?:Z|UTC))$/;

const DATE =
  /^(?<first>\d{1,2})(?<mark>[./-])(?<second>\d{1,2})\k<mark>(?<year>\d{4}|\d{2})(?<clock> \d{1,2}:\d{2}(?<seconds>:\d{2})?)?$/;
