/**
 * Makes names of columns from a header so that a load of the same file finds them again (mapHeader): plain names that
 * need no quotes if possible, otherwise the header's own.
 */
import { foldName, isIdentifier, mapHeader, NAME_BYTES, SYSTEM_COLUMNS, utf8Length } from '@csvjobs/shared';

export interface NamedColumn {
  /** Position of the field in a record, from 0. */
  position: number;
  /** The name in the header, trimmed; may be empty. */
  header: string;
  name: string;
  /** Whether a load finds the column by the header alone. */
  found: boolean;
}

/**
 * Names the fields of a header.
 * @param cells trimmed
 * @param positions the fields that become columns
 * @param exact keep the header's names, if PostgreSQL accepts them
 */
export function nameColumns(
  cells: readonly string[],
  positions: readonly number[],
  { exact }: { exact: boolean },
): NamedColumn[] {
  const headers = positions.map((position) => cells[position] ?? '');
  const plain = headers.map((header, at) => plainName(header) || fallback(header, positions[at]!));
  const own = headers.map((header, at) => (isUsable(header) ? header : plain[at]!));
  const first = unique(exact ? own : plain, headers);
  const wrong = notFound(headers, first);
  if (exact || wrong.size === 0) return named(headers, positions, first, wrong);
  // All headers that fold to the same name change together; otherwise the plain name of one would hide another.
  const folds = new Set([...wrong].map((at) => foldName(headers[at]!)));
  const mixed = plain.map((name, at) => (folds.has(foldName(headers[at]!)) ? own[at]! : name));
  const second = unique(mixed, headers);
  return named(headers, positions, second, notFound(headers, second));
}

function named(
  headers: readonly string[],
  positions: readonly number[],
  names: readonly string[],
  wrong: ReadonlySet<number>,
): NamedColumn[] {
  return names.map((name, at) => ({
    position: positions[at]!,
    header: headers[at]!,
    name,
    found: headers[at] !== '' && !wrong.has(at),
  }));
}

/**
 * Returns lowercase letters and digits with `_` between words, Latin and Greek letters without accents. May be empty.
 */
function plainName(header: string): string {
  const name = header
    .normalize('NFKD')
    .replace(/([\p{Script=Latin}\p{Script=Greek}])\p{M}+/gu, '$1')
    .replace(/['’]/gu, '')
    .toLowerCase()
    .replace(/ß/gu, 'ss')
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
  // `_2024` needs no quotes, and mapHeader ignores the `_`.
  const started = /^\p{N}/u.test(name) ? `_${name}` : name;
  const short = cut(started, NAME_BYTES).replace(/_+$/, '');
  return SYSTEM_COLUMNS.has(short) ? `${short}_` : short;
}

/** Returns a header without letters or digits (`#`) unchanged; for one without a name, a number from 1. */
function fallback(header: string, position: number): string {
  return isUsable(header) ? header : `column_${position + 1}`;
}

/** Whether a name can be a column's name unchanged, and has no invisible characters. */
function isUsable(header: string): boolean {
  return isIdentifier(header) && !SYSTEM_COLUMNS.has(header) && !/[\p{C}\p{Zl}\p{Zp}]/u.test(header);
}

/**
 * Makes names unique: numbers repeated ones from 2, but avoids names that match another header. A name that occurs only
 * once is kept.
 */
function unique(names: readonly string[], headers: readonly string[]): string[] {
  const folds = new Set(headers.map(foldName));
  const alone = new Map<string, number>();
  for (const name of names) alone.set(name, (alone.get(name) ?? 0) + 1);
  const taken = new Set([...alone].filter(([, times]) => times === 1).map(([name]) => name));
  const next = new Map<string, number>();
  return names.map((name) => {
    if (alone.get(name) === 1) return name;
    let candidate = name;
    for (let number = next.get(name) ?? 1; ; number++) {
      if (number > 1) candidate = `${cut(name, NAME_BYTES - String(number).length - 1)}_${number}`;
      if (taken.has(candidate) || (number > 1 && folds.has(foldName(candidate)))) continue;
      next.set(name, number + 1);
      taken.add(candidate);
      return candidate;
    }
  });
}

/** Returns the indexes of headers that a load does not map to their name, or maps to several. */
function notFound(headers: readonly string[], names: readonly string[]): Set<number> {
  const columns = names.map((name) => ({ name, aliases: [], required: false }));
  const { fields, ambiguous } = mapHeader(headers, columns);
  const doubtful = new Set(ambiguous.flatMap((each) => each.columns));
  const columnAt = new Map(fields.map(({ position, column }) => [position, column]));
  const wrong = headers.flatMap((header, at) => {
    const column = columnAt.get(at);
    return header !== '' && (column !== names[at] || doubtful.has(column!)) ? [at] : [];
  });
  return new Set(wrong);
}

/** Returns the start of a text, with at most the given number of bytes in UTF-8. */
function cut(text: string, bytes: number): string {
  let kept = '';
  let length = 0;
  for (const character of text) {
    length += utf8Length(character);
    if (length > bytes) break;
    kept += character;
  }
  return kept;
}
