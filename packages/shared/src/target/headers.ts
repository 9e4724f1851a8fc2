/**
 * Maps the fields of a file to the columns of its target by the header: first by the column's exact name, then ignoring
 * case, spaces, accents and punctuation, then by the other names in the spec. Columns still without a field may be
 * found by their common names (findColumns.ts).
 */

import { isMisspelt } from '../misspelt.js';

/** How certain the match of a field and a column is, best first. */
const MATCHES = ['exact', 'folded', 'alias'] as const;
export type HeaderMatch = (typeof MATCHES)[number];

export interface HeaderColumn {
  name: string;
  /** Other names for the column, from the spec. */
  aliases: readonly string[];
  /** Common names for the column. They are not matched here, but may be misspelt. */
  known?: readonly string[];
  /** A file without this column is refused: it is NOT NULL, and nothing else fills it. */
  required: boolean;
}

/** A field that matches a column. */
export interface MappedField {
  /** Position of the field in a record, starting at 0. */
  position: number;
  column: string;
  match: HeaderMatch;
}

/** A field that matches no column. */
export interface IgnoredField {
  position: number;
  /** Name in the header, trimmed; may be empty. */
  name: string;
  /** The column that another field matches better, or undefined. */
  outdone: string | undefined;
  /** A column without a field whose name is similar to this one, or undefined. */
  suggestion: string | undefined;
}

export interface HeaderMapping {
  fields: MappedField[];
  ignored: IgnoredField[];
  /** Required columns without a field. */
  missing: string[];
  /**
   * Columns that several fields match equally well, or several columns that one field matches: only the user can
   * choose.
   */
  ambiguous: { columns: string[]; names: string[]; positions: number[] }[];
}

/** Maps the cells of a header to columns. Never throws: problems are returned in `missing` and `ambiguous`. */
export function mapHeader(cells: readonly string[], columns: readonly HeaderColumn[]): HeaderMapping {
  const names = cells.map((cell) => cell.trim());
  const candidates = candidatesOf(names, columns);
  const byPosition = new Map<number, MappedField>();
  const byColumn = new Map<string, MappedField>();
  const ambiguous: HeaderMapping['ambiguous'] = [];
  for (const match of MATCHES) {
    const open = candidates.filter(
      (each) => each.match === match && !byPosition.has(each.position) && !byColumn.has(each.column),
    );
    for (const field of open) {
      const rivals = open.filter(
        ({ position, column }) => position === field.position || column === field.column,
      );
      if (byPosition.has(field.position) || byColumn.has(field.column)) continue;
      byPosition.set(field.position, field);
      byColumn.set(field.column, field);
      if (rivals.length > 1) {
        const positions = [...new Set(rivals.map(({ position }) => position))];
        ambiguous.push({
          columns: [...new Set(rivals.map(({ column }) => column))],
          names: positions.map((position) => names[position]!),
          positions,
        });
      }
    }
  }
  const free = columns.filter(({ name }) => !byColumn.has(name));
  const ignored = [...names.keys()].filter((position) => !byPosition.has(position));
  return {
    fields: [...byPosition.values()].sort((a, b) => a.position - b.position),
    ignored: ignored.map((position, index) => ({
      position,
      name: names[position]!,
      outdone: candidates.find((each) => each.position === position)?.column,
      suggestion: index < SUGGESTIONS ? nearestColumn(names[position]!, free) : undefined,
    })),
    missing: free.filter(({ required }) => required).map(({ name }) => name),
    ambiguous,
  };
}

/** Lists each field that may match a column. A field with the name of a column matches no other column by an alias. */
function candidatesOf(names: readonly string[], columns: readonly HeaderColumn[]): MappedField[] {
  const exact = new Set(columns.map(({ name }) => name));
  const folded = groupBy(columns, ({ name }) => [foldName(name)]);
  const aliases = groupBy(columns, (column) => column.aliases.map(foldName));
  return names.flatMap((cell, position): MappedField[] => {
    if (cell === '') return [];
    if (exact.has(cell)) return [{ position, column: cell, match: 'exact' }];
    const key = foldName(cell);
    const byName = folded.get(key);
    const match: HeaderMatch = byName ? 'folded' : 'alias';
    return (byName ?? aliases.get(key) ?? []).map(({ name }) => ({ position, column: name, match }));
  });
}

function groupBy<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    for (const key of new Set(keysOf(item))) groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

/**
 * Reduces a name to what is compared: letters and digits of any script, without case and accents. A name without any
 * (`#`) is compared unchanged.
 */
export function foldName(name: string): string {
  const bare = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/ß/gu, 'ss')
    .replace(/[^\p{L}\p{N}]+/gu, '');
  return bare === '' ? name : bare;
}

/** Number of ignored fields that get a suggestion, because each is compared with every free column. */
const SUGGESTIONS = 50;

/**
 * Returns the first column that a name may be a typo of, by the column's name or one of its aliases or common names.
 */
export function nearestColumn(
  name: string,
  columns: readonly Pick<HeaderColumn, 'name' | 'aliases' | 'known'>[],
): string | undefined {
  const folded = foldName(name);
  return columns.find((column) =>
    [column.name, ...column.aliases, ...(column.known ?? [])].some((known) =>
      isMisspelt(folded, foldName(known)),
    ),
  )?.name;
}
