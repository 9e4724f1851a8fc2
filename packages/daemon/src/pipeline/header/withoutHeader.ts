/** A file without a header: its first record suggests names for its fields, which the user can correct. */
import { isEmail } from '@csvjobs/shared/reading';

const NUMBER = /^[+(\d][\d ()/.-]{2,}$/;
const WORDS = /^(?=.*\p{L})[^@]+$/u;

/**
 * Returns the options that name the fields of a file for `customers`, by the values of its first record; undefined if
 * that has no address (so it may be a header) or no name.
 */
export function withoutHeaderOptions(cells: readonly string[]): string[] | undefined {
  const values = cells.map((cell) => cell.trim());
  const email = values.findIndex(isEmail);
  if (email === -1) return undefined;
  const names = values.map((_, at) => `field ${at + 1}`);
  names[email] = 'email';
  const words = [...values.keys()].filter((at) => WORDS.test(values[at]!));
  const [name, company] = words;
  const phone = values.findLastIndex((value) => NUMBER.test(value));
  if (name === undefined) return undefined;
  names[name] = 'name';
  if (company !== undefined) names[company] = 'company';
  if (phone > 0) names[phone] = 'phone';
  return [
    ...['--no-header', '--columns', names.join(',')],
    ...(company === undefined ? ['--default', 'company=Unknown'] : []),
  ];
}
