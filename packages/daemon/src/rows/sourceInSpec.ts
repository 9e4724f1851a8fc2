/** The source of a column that the spec names: fields of the header, or a constant. */
import type { Alternative } from '@csvjobs/shared';
import { alternativeFields, nearestColumn } from '@csvjobs/shared/reading';
import { fieldsNamed } from './fieldReference.js';
import type { ColumnFrom } from './planColumn.js';
import type { SpecColumn } from './specColumns.js';

/**
 * Returns `invalid` if the spec's source is, and `noField` if it names a field that the header lacks or has twice; adds a
 * fault for it.
 */
export function sourceInSpec(
  { column, constant, combine, firstOf, lookup, default: filled }: SpecColumn,
  cells: readonly string[],
  faults: string[],
): ColumnFrom | undefined | 'invalid' | 'noField' {
  const given = Object.entries({ constant, combine, firstOf, lookup }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1) {
    const words = given.map(([word]) => `csvjobs.${word}`).join(' and ');
    faults.push(`${words} both fill the column ${column.name}; keep one`);
    return 'invalid';
  }
  // Neither leaves a field empty: a constant fills every row, and a key that is missing rejects its row.
  if (filled !== undefined && (constant !== undefined || lookup))
    faults.push(
      `csvjobs.${wordOf({ constant, combine, lookup })} and csvjobs.default both fill the column ${column.name}; keep one`,
    );
  if (constant !== undefined) return { kind: 'constant', text: constant };
  // lookups.ts separates the fields of a lookup again.
  const names = combine ?? firstOf?.flatMap(alternativeFields) ?? (lookup && Object.values(lookup.by));
  if (!names) return undefined;
  const place = combine ? 'combine' : firstOf ? 'firstOf' : 'lookup';
  const positions = names.map((name) => fieldPosition(name, cells, `csvjobs.${place}`, faults));
  if (positions.some((position) => position === undefined)) return 'noField';
  return firstOf
    ? firstFrom(firstOf, positions as number[])
    : { kind: 'fields', positions: positions as number[], join: combine ? 'blank' : 'first' };
}

/** @param positions of the fields of all alternatives, in order */
function firstFrom(firstOf: readonly Alternative[], positions: number[]): ColumnFrom {
  if (positions.length === 1) return { kind: 'field', position: positions[0]! };
  const rest = [...positions];
  const groups = firstOf.map((each) => rest.splice(0, alternativeFields(each).length));
  if (groups.length === 1) return { kind: 'fields', positions, join: 'blank' };
  const mixed = groups.some(({ length }) => length > 1);
  return { kind: 'fields', positions, join: 'first', ...(mixed && { groups }) };
}

/** Returns the only field that a name in the spec means; adds a fault if there is none, or more than one. */
function fieldPosition(
  name: string,
  cells: readonly string[],
  place: string,
  faults: string[],
): number | undefined {
  const found = fieldsNamed(name, cells);
  if (found.length === 1) return found[0];
  faults.push(
    found.length === 0
      ? `${place}: the file has no field ${quoted(name)}${nearestOf(name, cells)}`
      : `${place}: the file has ${found.length} fields ${quoted(name)}; name one by its number: ${found.map((position) => `#${position + 1}`).join(' or ')}`,
  );
  return undefined;
}

/** Suggests the field that a name may be meant for; if there are several, the first. */
function nearestOf(name: string, cells: readonly string[]): string {
  const nearest = nearestColumn(
    name,
    cells.map((cell) => ({ name: cell, aliases: [] })),
  );
  return nearest === undefined ? '' : ` (did you mean ${quoted(nearest)}?)`;
}

/** Returns the word of the spec that fills a column. */
export function wordOf({
  constant,
  combine,
  lookup,
}: Pick<SpecColumn, 'constant' | 'combine' | 'lookup'>): string {
  return constant !== undefined ? 'constant' : combine ? 'combine' : lookup ? 'lookup' : 'firstOf';
}

const quoted = (name: string) => JSON.stringify(name);
