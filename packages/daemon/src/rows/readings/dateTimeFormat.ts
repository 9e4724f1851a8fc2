/**
 * Turns strptime patterns (Table Schema v2, "date": the directives of Python's and C's strptime) into steps. Names of
 * months and days are those of the C locale. Refuses directives that depend on a locale (%c, %x, %X) or that do not
 * determine a date (%U, %W).
 */

/** A part of a date or time to read from the text. */
export type Part =
  | 'Y'
  | 'y'
  | 'm'
  | 'b'
  | 'B'
  | 'd'
  | 'e'
  | 'j'
  | 'a'
  | 'A'
  | 'H'
  | 'I'
  | 'M'
  | 'S'
  | 'f'
  | 'p'
  | 'z'
  | 'Z';

export type Step =
  | {
      kind: 'part';
      part: Part;
      /** Another number is directly next to it, so it must have its full width. */
      fixed: boolean;
    }
  | { kind: 'literal'; bytes: Uint8Array }
  /** One blank or more. */
  | { kind: 'blanks' };

export interface DateTimeFormat {
  steps: readonly Step[];
  hasDate: boolean;
  hasTime: boolean;
  /** Read from the text; or UTC, because the pattern ends with it (`…%SZ`); or none. */
  zone: 'read' | 'utc' | undefined;
  twoDigitYears: boolean;
}

const PARTS = new Set<string>('YymbBdejaAHIMSfpzZ');
const NUMBERS = new Set<string>('YymdejHIMSf');
/** Directives of C that are abbreviations of others. */
const SHORT: Record<string, string> = {
  T: '%H:%M:%S',
  R: '%H:%M',
  F: '%Y-%m-%d',
  D: '%m/%d/%y',
  n: ' ',
  t: ' ',
  h: '%b',
};

/** Reads a pattern. Returns a sentence if it is invalid, or lacks a part that a date or time needs. */
export function readDateTimeFormat(pattern: string): DateTimeFormat | string {
  const steps: Step[] = [];
  const parts = new Set<string>();
  const expanded = pattern.replace(/%%|%([TRFDnth])/g, (whole, letter) => (letter ? SHORT[letter]! : whole));
  for (const [token, letter] of expanded.matchAll(/%(.)|%$|\s+|[^%\s]+/gsu)) {
    if (token === '%%') steps.push({ kind: 'literal', bytes: Buffer.from('%') });
    else if (letter !== undefined && PARTS.has(letter)) {
      if (parts.has(letter)) return `%${letter} stands in it twice`;
      parts.add(letter);
      steps.push({ kind: 'part', part: letter as Part, fixed: false });
    } else if (token.startsWith('%')) {
      const known = [...PARTS].map((each) => `%${each}`).join(' ');
      return `${token} is not supported; use ${known}`;
    } else if (token.trim() === '') steps.push({ kind: 'blanks' });
    else steps.push({ kind: 'literal', bytes: Buffer.from(token) });
  }
  const has = (...letters: string[]) => letters.some((letter) => parts.has(letter));
  const twice = TWICE.find((same) => same.filter((letter) => parts.has(letter)).length > 1);
  if (twice)
    return `it has ${twice
      .filter((letter) => parts.has(letter))
      .map((letter) => `%${letter}`)
      .join(' and ')}; keep one`;
  if (has('I') !== has('p')) return '%I and %p need each other; use %H for 24 hours';
  const day = has('j') || (has('m', 'b', 'B') && has('d', 'e'));
  const anyDate = has('Y', 'y', 'm', 'b', 'B', 'd', 'e', 'j', 'a', 'A');
  if (anyDate && !(has('Y', 'y') && day)) return 'a date needs a year, a month and a day';
  const hasTime = has('H', 'I');
  if (!hasTime && has('M', 'S', 'f', 'z', 'Z')) return 'a time needs an hour';
  if (has('S') && !has('M')) return 'seconds need minutes';
  if (has('f') && !has('S')) return 'decimals of a second need seconds';
  if (!anyDate && !hasTime) return 'it has no part of a date or time';
  return {
    steps: steps.map((step, at) => {
      const isNumber = (other: Step | undefined) => other?.kind === 'part' && NUMBERS.has(other.part);
      const fixed = isNumber(step) && (isNumber(steps[at - 1]) || isNumber(steps[at + 1]));
      return fixed && step.kind === 'part' ? { ...step, fixed } : step;
    }),
    hasDate: anyDate,
    hasTime,
    zone: has('z', 'Z')
      ? 'read'
      : hasTime && /(?:[^%]Z|%%Z|[^%\w]?(?:UTC|GMT))$/.test(expanded)
        ? 'utc'
        : undefined,
    twoDigitYears: has('y'),
  };
}

/** A pattern has at most one of each group. */
const TWICE = [
  ['Y', 'y'],
  ['m', 'b', 'B', 'j'],
  ['d', 'e', 'j'],
  ['H', 'I'],
  ['z', 'Z'],
  ['a', 'A'],
];
