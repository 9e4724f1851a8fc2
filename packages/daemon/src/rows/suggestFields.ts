/**
 * Suggests fields for columns that have none. A load never uses these guesses; the user decides. A field is suggested
 * by its name, and only if all of its samples are values of the column's type.
 */
import { type FileField, foldName, isMisspelt, type TargetType } from '@csvjobs/shared';
import type { ColumnFrom } from './planColumn.js';
import type { SpecColumn } from './specColumns.js';
import { typeRuleOf } from './typeRules.js';

/** Shorter words (`of`, `id`) are in too many names. */
const SHORTEST_WORD = 3;

/** Maximum number of fields, and of columns, to compare; every field is compared with every column. */
const MOST_COMPARED = 200;

/** How well a name fits; in a tie, the first in the file is suggested. */
const FITS = { misspelt: 4, allWords: 3, someWords: 2, within: 1, none: 0 };

/** A shorter name is part of too many others, like `name` in `username`. */
const SHORTEST_WITHIN = 5;

interface Name {
  folded: string;
  words: ReadonlySet<string>;
}

/** @param byColumn the columns that have a source; their fields are not suggested for other columns */
export function suggestFields(
  columns: readonly SpecColumn[],
  byColumn: ReadonlyMap<string, ColumnFrom>,
  fields: readonly FileField[],
): Map<string, number> {
  const used = new Set([...byColumn.values()].flatMap(positionsOf));
  const free = [...onlyOnes(fields)].filter((at) => !used.has(at)).slice(0, MOST_COMPARED);
  const names = free.map((position) => ({ position, name: nameOf(fields[position]!.name) }));
  const open = columns.filter(({ column }) => column.insertable && !byColumn.has(column.name));
  const pairs = open.slice(0, MOST_COMPARED).flatMap((each) => {
    const known = [each.column.name, ...each.aliases, ...each.known].map(nameOf);
    return names.flatMap(({ position, name }) => {
      const fit = Math.max(...known.map((meant) => fitOf(name, meant)));
      return fit === FITS.none ? [] : [{ each, position, fit }];
    });
  });
  const found = new Map<string, number>();
  for (const { each, position } of pairs.sort((a, b) => b.fit - a.fit)) {
    const { name, type } = each.column;
    if (found.has(name) || used.has(position)) continue;
    if (each.field === undefined && !areOfType(type, fields[position]!.samples)) continue;
    found.set(name, position);
    used.add(position);
  }
  return found;
}

/** Returns the fields that a spec can name: those with a unique name. */
function onlyOnes(fields: readonly FileField[]): Set<number> {
  const positions = new Map<string, number[]>();
  for (const [at, { name }] of fields.entries()) positions.set(name, [...(positions.get(name) ?? []), at]);
  positions.delete('');
  return new Set([...positions.values()].flatMap((all) => (all.length === 1 ? all : [])));
}

function positionsOf(from: ColumnFrom): number[] {
  if (from.kind === 'field') return [from.position];
  return from.kind === 'fields' ? from.positions : [];
}

function fitOf(field: Name, column: Name): number {
  if (isMisspelt(field.folded, column.folded)) return FITS.misspelt;
  if (isSubset(column.words, field.words)) return FITS.allWords;
  if (isSubset(field.words, column.words)) return FITS.someWords;
  const within = column.folded.length >= SHORTEST_WITHIN && field.folded.includes(column.folded);
  return within ? FITS.within : FITS.none;
}

function isSubset(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return some.size > 0 && [...some].every((word) => all.has(word));
}

/** `orderDate`, `order_date` and `Order date` have the same words. */
function nameOf(name: string): Name {
  const words = name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .map(foldName);
  const telling = words.filter((word) => word.length >= SHORTEST_WORD || /^\d+$/.test(word));
  return { folded: foldName(name), words: new Set(telling) };
}

/** Whether samples may be values of a type. If only PostgreSQL can read the type, any text may be. */
function areOfType(type: TargetType, samples: readonly string[]): boolean {
  const rule = typeRuleOf({ ...type, domain: null });
  return samples.every((sample) => rule?.judge(sample) === undefined);
}
