/**
 * Which field of a file is which column of its target, by the header: the column's name to the letter first, then without
 * case, spaces, accents and punctuation, then the other names that the spec gives it. What then has no field may be found by its usual names (findColumns.ts).
 */

import { isMisspelt } from '../misspelt.js';

/** How sure it is that a field stands for a column, best first. */
const MATCHES = ['exact', 'folded', 'alias'] as const;
export type HeaderMatch = (typeof MATCHES)[number];

export interface HeaderColumn {
  name: string;
  /** Other names for it, from the spec. */
  aliases: readonly string[];
  /** Usual names for it, which are not looked for here, but may be misspelt. */
  known?: readonly string[];
  /** A file without it is refused: NOT NULL, and nothing that fills it. */
  required: boolean;
}

/** A field that stands for a column. */
export interface MappedField {
  /** Of the field in a record, counted from 0. */
  position: number;
  column: string;
  match: HeaderMatch;
}

/** A field that stands for none. */
export interface IgnoredField {
  position: number;
  /** As it stands in the header, trimmed; may be empty. */
  name: string;
  /** The column that another field is a better match for, or undefined. */
  outdone: string | undefined;
  /** A column without a field that this name is close to, or undefined. */
  suggestion: string | undefined;
}

export interface HeaderMapping {
  fields: MappedField[];
  ignored: IgnoredField[];
  /** Required columns without a field. */
  missing: string[];
  /** Columns that several fields stand for equally well, or that one field does: nobody but the user can choose. */
  ambiguous: { columns: string[]; names: string[]; positions: number[] }[];
}

/** Maps the cells of a header to columns. Never throws: what is wrong stands in `missing` and `ambiguous`. */
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

/** Each field that may stand for a column. One with the name of a column stands for no other column by an alias. */
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
 * What is compared of two names: letters and digits of any script, without case and accents. A name of nothing else (`#`)
 * is compared as it is.
 */
export function foldName(name: string): string {
  const bare = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/ß/gu, 'ss')
    .replace(/[^\p{L}\p{N}]+/gu, '');
  return bare === '' ? name : bare;
}

/** Ignored fields that get a suggestion: each is compared with every free column. */
const SUGGESTIONS = 50;

/** The first column whose name, or an alias of it, may be meant by a name. */
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
