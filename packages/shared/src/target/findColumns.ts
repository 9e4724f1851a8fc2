/**
 * Finds sources for columns that no field is named after, by what columns usually are (concepts.ts). This is the last
 * attempt, and a notice reports it. If two columns of the table share a concept, it applies to neither.
 */
import { barePhones } from './barePhones.js';
import { type Concept, ONE_OF_SEVERAL } from './concepts.js';
import { CONTACT_PERSONS, HALF_NAMES, NO_NAMES } from './doubtfulNames.js';
import { conceptOf, type FieldConcept, findConcepts, withoutSharedOwner } from './findConcept.js';
import { foldName } from './headers.js';
import { numberedNames } from './numberedNames.js';
import { ofOnePerson } from './roles.js';

/** A column with its source: one field, the first of several fields that has a value, or several fields joined. */
export interface FoundColumn {
  column: string;
  positions: number[];
  join: 'first' | 'blank';
}

export interface OpenColumn {
  name: string;
  /**
   * The field already found for the column by a better match. Further fields follow it if the column may use one of
   * several.
   */
  position: number | undefined;
  /** The column's source is settled: it only counts when checking for ambiguity. */
  settled: boolean;
  /** More names for the column, ranked after those of its concept. */
  known: readonly string[];
}

/**
 * Finds columns among the fields that are still free.
 * @param cells names of the header
 * @param columns all columns of the table
 * @param taken the fields that the spec names, or that have a better match
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
  const halves = numberedNames(cells);
  const all = withoutSharedOwner(cells).flatMap((name, position): FieldConcept[] =>
    name === '' || halves.includes(position)
      ? []
      : findConcepts(name).map((found) => ({ ...found, position })),
  );
  const fields = ofOnePerson(all, byConcept.get('email')?.position);
  const among = (concepts: readonly Concept[]): FieldConcept[] =>
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
      const parts = nameParts(among);
      // The contact person of a company has a field in files of people too, where it is empty.
      const isWhole = first !== undefined && !(parts && CONTACTS.includes(foldName(cells[first]!)));
      if (isWhole) put(name.name, halfOf(cells, first, among) ?? [first], 'blank');
      else if (parts) put(name.name, parts, 'blank');
    }
  }
  if (!claimed.has('name'))
    for (const half of ownHalves(cells, byConcept, used)) put(half.column, [half.position], 'first');
  for (const [concept, column] of byConcept) {
    if (concept === 'name' || column.settled || found.some((each) => each.column === column.name)) continue;
    const concepts: Concept[] =
      concept === 'phone' && !claimed.has('mobile') ? ['phone', 'mobile'] : [concept];
    const usual = among(concepts).map(({ position }) => position);
    const bare = concept === 'phone' ? barePhones(cells, used) : [];
    const all = [...new Set([...usual, ...ownFields(cells, column, used), ...bare])];
    if (ONE_OF_SEVERAL.includes(concept)) {
      const before = column.position === undefined ? [] : [column.position];
      if (all.length > 0) put(column.name, [...before, ...all], 'first');
    } else if (column.position === undefined && all.length > 0) put(column.name, [all[0]!], 'first');
  }
  return found;
}

/** Returns the fields whose names mean something else beside another field: see NO_NAMES. */
export function noNames(cells: readonly string[]): number[] {
  const folded = cells.map(foldName);
  const names = NO_NAMES.filter(({ beside }) => folded.includes(foldName(beside))).map(({ name }) =>
    foldName(name),
  );
  return [...folded.keys()].filter((position) => names.includes(folded[position]!));
}

/** Returns the fields that have one of a column's common names, in the order of these names. */
function ownFields(cells: readonly string[], { known }: OpenColumn, used: ReadonlySet<number>): number[] {
  const folded = cells.map(foldName);
  return known.flatMap((alias) =>
    [...folded.keys()].filter((position) => folded[position] === foldName(alias) && !used.has(position)),
  );
}

type Among = (concepts: readonly Concept[]) => FieldConcept[];

const CONTACTS = CONTACT_PERSONS.map(foldName);

/** Returns first, middle and last names if both first and last are there, of the same person. */
function nameParts(among: Among): number[] | undefined {
  const lasts = among(['lastName']);
  const isSame = (one: FieldConcept, other: FieldConcept) =>
    one.role === other.role || one.role === '' || other.role === '';
  for (const first of among(['firstName'])) {
    const last = lasts.find(({ role }) => role === first.role) ?? lasts.find((each) => isSame(first, each));
    if (last) return inOrder(first.position, last.position, among);
  }
  return undefined;
}

/** Adds the middle name between them and the second last name after them. */
function inOrder(first: number, last: number, among: Among): number[] {
  const between = among(['middleName']).slice(0, 1);
  const behind = among(['secondLastName']).slice(0, 1);
  const positions = (fields: readonly FieldConcept[]) => fields.map(({ position }) => position);
  return [first, ...positions(between), last, ...positions(behind)];
}

/** Finds halves of a name for a table with columns for both: `Name` beside `Vorname` is the last name. */
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

/** A field that has the whole name in other files, joined with the other half if this file has it. */
function halfOf(cells: readonly string[], position: number, among: Among): number[] | undefined {
  for (const { name, is, beside } of HALF_NAMES) {
    if (foldName(name) !== foldName(cells[position]!)) continue;
    const isFirst = is === 'firstName';
    const other = among([isFirst ? 'lastName' : 'firstName']).find((field) =>
      beside.some((each) => foldName(each) === foldName(cells[field.position]!)),
    );
    // If both halves have fields of their own, this field is the whole name.
    if (!other || among([is]).length > 0) continue;
    return isFirst ? inOrder(position, other.position, among) : inOrder(other.position, position, among);
  }
  return undefined;
}
