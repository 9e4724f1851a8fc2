/**
 * Columns that no field is named after, found by what columns usually are (concepts.ts): the last thing that is tried, and
 * said in a notice. A concept that two columns of the table have says nothing about either.
 */
import { type Concept, HALF_NAMES, NO_NAMES, ONE_OF_SEVERAL } from './concepts.js';
import { conceptOf, type FoundConcept, findConcepts, withoutSharedOwner } from './findConcept.js';
import { foldName } from './headers.js';

/** A column as it is found: of one field, of the first of several that has a value, or of several together. */
export interface FoundColumn {
  column: string;
  positions: number[];
  join: 'first' | 'blank';
}

export interface OpenColumn {
  name: string;
  /** The field that a better match was found for; others come behind it where one of several is wanted. */
  position: number | undefined;
  /** Its source is settled: it only takes part in what is ambiguous. */
  settled: boolean;
  /** More names for it, which come behind those of its concept. */
  known: readonly string[];
}

interface Field extends FoundConcept {
  position: number;
}

/**
 * Finds columns among the fields that are not taken.
 * @param cells names of the header
 * @param columns all of the table
 * @param taken the fields that the spec names, or that a better match was found for
 */
export function findColumns(
  cells: readonly string[],
  columns: readonly OpenColumn[],
  taken: ReadonlySet<number>,
): FoundColumn[] {
  const byConcept = new Map<Concept, OpenColumn>();
  const claimed = new Set<Concept>();
  for (const column of columns) {
    const concept = conceptOf(column.name);
    if (concept === undefined) continue;
    if (claimed.has(concept)) byConcept.delete(concept);
    else byConcept.set(concept, column);
    claimed.add(concept);
  }
  const used = new Set(taken);
  const fields = withoutSharedOwner(cells).flatMap((name, position): Field[] =>
    name === '' ? [] : findConcepts(name).map((found) => ({ ...found, position })),
  );
  const among = (concepts: readonly Concept[]): Field[] =>
    fields
      .filter(({ concept, position }) => concepts.includes(concept) && !used.has(position))
      .sort(
        (a, b) =>
          concepts.indexOf(a.concept) - concepts.indexOf(b.concept) ||
          a.order - b.order ||
          a.position - b.position,
      );
  const found: FoundColumn[] = [];
  const put = (column: string, positions: number[], join: FoundColumn['join']) => {
    found.push({ column, positions, join });
    for (const position of positions) used.add(position);
  };

  const hasParts = claimed.has('firstName') || claimed.has('lastName');
  const name = byConcept.get('name');
  if (name && !name.settled && !hasParts) {
    const half = name.position === undefined ? undefined : halfOf(cells, name.position, among);
    if (half) put(name.name, half, 'blank');
    else if (name.position === undefined) {
      const first = among(['name'])[0]?.position ?? ownFields(cells, name, used)[0];
      if (first !== undefined) put(name.name, halfOf(cells, first, among) ?? [first], 'blank');
      else {
        const parts = nameParts(among);
        if (parts) put(name.name, parts, 'blank');
      }
    }
  }
  if (!claimed.has('name'))
    for (const half of ownHalves(cells, byConcept, used)) put(half.column, [half.position], 'first');
  for (const [concept, column] of byConcept) {
    if (concept === 'name' || column.settled || found.some((each) => each.column === column.name)) continue;
    const concepts: Concept[] =
      concept === 'phone' && !claimed.has('mobile') ? ['phone', 'mobile'] : [concept];
    const usual = among(concepts).map(({ position }) => position);
    const all = [...new Set([...usual, ...ownFields(cells, column, used)])];
    if (ONE_OF_SEVERAL.includes(concept)) {
      const before = column.position === undefined ? [] : [column.position];
      if (all.length > 0) put(column.name, [...before, ...all], 'first');
    } else if (column.position === undefined && all.length > 0) put(column.name, [all[0]!], 'first');
  }
  return found;
}

/** The fields whose names are something else beside another one: see NO_NAMES. */
export function noNames(cells: readonly string[]): number[] {
  const folded = cells.map(foldName);
  const names = NO_NAMES.filter(({ beside }) => folded.includes(foldName(beside))).map(({ name }) =>
    foldName(name),
  );
  return [...folded.keys()].filter((position) => names.includes(folded[position]!));
}

/** The fields with one of a column's usual names, in the order of these. */
function ownFields(cells: readonly string[], { known }: OpenColumn, used: ReadonlySet<number>): number[] {
  const folded = cells.map(foldName);
  return known.flatMap((alias) =>
    [...folded.keys()].filter((position) => folded[position] === foldName(alias) && !used.has(position)),
  );
}

type Among = (concepts: readonly Concept[]) => Field[];

/** First, middle and last names, where both ends of them are there. */
function nameParts(among: Among): number[] | undefined {
  const first = among(['firstName'])[0];
  const last = among(['lastName'])[0];
  return first && last && inOrder(first.position, last.position, among);
}

/** With what stands between and behind them. */
function inOrder(first: number, last: number, among: Among): number[] {
  const between = among(['middleName']).slice(0, 1);
  const behind = among(['secondLastName']).slice(0, 1);
  const positions = (fields: readonly Field[]) => fields.map(({ position }) => position);
  return [first, ...positions(between), last, ...positions(behind)];
}

/** Halves of a name, for a table that has columns for both: `Name` beside `Vorname` is its last name. */
function ownHalves(
  cells: readonly string[],
  byConcept: ReadonlyMap<Concept, OpenColumn>,
  used: ReadonlySet<number>,
): { column: string; position: number }[] {
  const folded = cells.map(foldName);
  const isThere = (concept: Concept) => cells.some((cell) => findConcepts(cell)[0]?.concept === concept);
  return HALF_NAMES.flatMap(({ name, is, beside }) => {
    const column = byConcept.get(is);
    const position = folded.indexOf(foldName(name));
    if (!column || column.settled || column.position !== undefined) return [];
    if (position === -1 || used.has(position) || isThere(is)) return [];
    return beside.some((other) => folded.includes(foldName(other)))
      ? [{ column: column.name, position }]
      : [];
  }).slice(0, 1);
}

/** A field that has the whole name in other files, with the other half of it in this one. */
function halfOf(cells: readonly string[], position: number, among: Among): number[] | undefined {
  for (const { name, is, beside } of HALF_NAMES) {
    if (foldName(name) !== foldName(cells[position]!)) continue;
    const isFirst = is === 'firstName';
    const other = among([isFirst ? 'lastName' : 'firstName']).find((field) =>
      beside.some((each) => foldName(each) === foldName(cells[field.position]!)),
    );
    // Where both halves have fields of their own, it is the whole one.
    if (!other || among([is]).length > 0) continue;
    return isFirst ? inOrder(position, other.position, among) : inOrder(other.position, position, among);
  }
  return undefined;
}
