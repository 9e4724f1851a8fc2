/** Text for people: numbers, sizes, times, and names that may be hostile. */
import { shellWord } from '@csvjobs/shared/paths';

/**
 * Characters that a terminal obeys or does not show, by their Unicode properties: controls (Cc), formats (Cf: the
 * bidirectional ones with U+061C, the zero-width ones, the tags of U+E0000), line and paragraph separators, lone
 * surrogates, and everything else that is ignored by default (UAX #44, Default_Ignorable_Code_Point: fillers, for
 * example). Variation selectors 1 to 16 stay: they only affect how the character before them looks.
 */
export const HIDDEN = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Makes text from a file, a file's name or a server safe for a terminal: shows control characters as their pictures
 * (ESC as ␛), and all other hidden characters as U+FFFD. Without this, a file's name could move the cursor, set the
 * title, answer for the user (CVE-2003-0063 and similar) or look like another (CVE-2021-42574).
 */
export function clean(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text.replace(HIDDEN, picture);
}

/**
 * Like `clean`, but keeps line ends and tabs: for whole texts such as a report or a log. A CR alone is not a line end.
 */
export function cleanLines(text: string): string {
  return text.replace(HIDDEN, (char, at: number) =>
    char === '\n' || char === '\t' || (char === '\r' && text[at + 1] === '\n') ? char : picture(char),
  );
}

function picture(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}

/** Writes JSON that is also safe on a terminal: hidden characters become \u escapes, which mean the same. */
export function toJson(value: unknown, indent?: number): string {
  // JSON.stringify escaped the controls below U+0020; the remaining line ends come from the indentation.
  return JSON.stringify(value, null, indent).replace(HIDDEN, (char) =>
    char === '\n' ? char : escaped(char),
  );
}

/** RFC 8259 section 7: characters beyond the basic plane are two surrogates. */
function escaped(char: string): string {
  return char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** 1234567 → `1,234,567`. */
export function count(value: number): string {
  if (value < 1000) return Math.round(value).toString();
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Writes a count in little space: `999`, `12.3k`, `4.70M`, `120M`. */
export function compact(value: number): string {
  if (value < 1000) return Math.round(value).toString();
  for (const [unit, size] of [
    ['k', 1e3],
    ['M', 1e6],
    ['G', 1e9],
  ] as const) {
    const short = (value / size).toPrecision(3);
    if (Number(short) < 1000) return `${short}${unit}`;
  }
  return `${Math.round(value / 1e9)}G`;
}

/** A count with its noun: `1 row`, `2,000 rows`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** A rate: `1 row/s`, `310,000 rows/s`. @param number how it is written */
export function speed(rowsPerSecond: number, number: (value: number) => string = count): string {
  const written = number(rowsPerSecond);
  return `${written} ${written === '1' ? 'row' : 'rows'}/s`;
}

/** Bytes in decimal units, three digits: `999 B`, `7.63 MB`, `10.2 GB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let rest = value;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? rest : rest.toPrecision(3)} ${units[unit]}`;
}

/** Writes milliseconds for people: `0.4 s`, `12 s`, `3m 05s`, `2h 03m`, `4d 02h`. */
export function duration(ms: number): string {
  if (ms < 9_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}

/** How long ago, in one word: `now`, `12s`, `5m`, `3h`, `9d`. */
export function age(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** A whole percentage that is 100 only if everything is done, and 0 only if nothing is. */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return '0%';
  const exact = (part / whole) * 100;
  if (exact >= 100) return '100%';
  return `${exact > 0 ? Math.max(1, Math.floor(exact)) : 0}%`;
}

/** Writes milliseconds as an option or a setting takes them: `90s`, `5m`, `2h`. */
export function durationSetting(ms: number): string {
  if (ms > 0 && ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  return ms > 0 && ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1000}s`;
}

/**
 * Reads a duration from an option: `90`, `90s`, `5m`, `1h`, `250ms`. Returns milliseconds, or undefined if malformed.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  if (!match) return undefined;
  const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1000;
  return Number(match[1]) * factor;
}

/**
 * Quotes an argument for a POSIX shell, in commands printed for people to copy. Characters that a terminal obeys or
 * hides are escaped ($'…' of POSIX.1-2024, which bash, zsh and ksh have long had; \\u is theirs).
 */
export function shellQuote(argument: string): string {
  if (clean(argument) === argument) return shellWord(argument);
  const written = argument.replace(/[\\']/g, '\\$&').replace(HIDDEN, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    if (code < 0x80) return `\\x${digits.padStart(2, '0')}`;
    return code > 0xffff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
  return `$'${written}'`;
}

/** Name of the data from stdin, if no other is given. */
export const STDIN_NAME = 'stdin.csv';

/**
 * Writes the path of a file as an argument, also for commands to copy. A path that starts with a hyphen must not be an
 * option; `-` alone is stdin.
 */
export function filePath(path: string): string {
  return path.startsWith('-') && path !== '-' ? `./${path}` : path;
}

/** The same, quoted for a shell. */
export function fileArgument(path: string): string {
  return shellQuote(filePath(path));
}
