/** Which option or word of a spec is likely to read a value that was rejected, by how the value is written. */

/** `1,5` and `1.234,56`, but not `1,234`, where the comma may stand between groups. */
export function commaAdvice(value: string): string | undefined {
  if (/^[+-]?\d{1,3}(\.\d{3})+,\d+$/.test(value))
    return 'If commas are decimal signs in the file, add --decimal , --group . to the upload.';
  if (!/^[+-]?\d+,\d+$/.test(value) || /^[+-]?\d{1,3},\d{3}$/.test(value)) return undefined;
  return 'If commas are decimal signs in the file, add --decimal , to the upload.';
}

/** `1,234.50`, `1 234` and `1'234'567`, and `1.234,50` where the decimal character is a comma. */
export function groupAdvice(value: string, decimal: string): string | undefined {
  const mark = /^[+-]?\d{1,3}(?:([.,'’ \u00a0\u202f])\d{3}(?:\1\d{3})*)(?![\d])(.*)$/.exec(value);
  if (!mark || mark[1] === decimal || !(mark[2] === '' || mark[2]!.startsWith(decimal))) return undefined;
  // A comma may be a decimal sign, unless there is a point behind it.
  if (mark[1] === ',' && mark[2] === '' && !/,.*,/.test(value)) return undefined;
  return `If groups of digits are separated in the file, add --group ${shellWord(mark[1]!)} to the upload.`;
}

/** Blanks and quotes as a shell takes them. */
function shellWord(mark: string): string {
  return /[.,]/.test(mark) ? mark : mark === "'" ? `"'"` : `'${mark}'`;
}

/** Words for true and false that exports have, and PostgreSQL does not take. */
const WORDS: readonly (readonly [string, string])[] = [
  ['ja', 'nein'],
  ['wahr', 'falsch'],
  ['oui', 'non'],
  ['vrai', 'faux'],
  ['sí', 'no'],
  ['si', 'no'],
  ['vero', 'falso'],
  ['sim', 'não'],
  ['ja', 'nee'],
];

/** What a spec can declare for a word that a boolean column does not take. */
export function wordsLike(value: string): string {
  const pair = WORDS.find((words) => words.includes(value.toLowerCase()));
  if (!pair) return 'trueValues and falseValues';
  const [yes, no] = pair.map((word) => JSON.stringify(asWritten(word, value)));
  return `trueValues [${yes}] and falseValues [${no}]`;
}

/** A word in the letters of another: `Ja` and `JA` have `Nein` and `NEIN`. */
function asWritten(word: string, like: string): string {
  if (like.length > 1 && like === like.toUpperCase()) return word.toUpperCase();
  return /^\p{Lu}/u.test(like) ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}

/**
 * Of a date with points the day is first, everywhere; of one with slashes it may be the month, which a number above 12 decides.
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

const DATE =
  /^(?<first>\d{1,2})(?<mark>[./-])(?<second>\d{1,2})\k<mark>(?<year>\d{4}|\d{2})(?<clock> \d{1,2}:\d{2}(?<seconds>:\d{2})?)?$/;
