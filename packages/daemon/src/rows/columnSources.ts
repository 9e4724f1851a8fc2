/** Finds the source of each column: a field of the header, several fields that the spec joins, or a constant. */
import {
  type Alternative,
  alternativeFields,
  type Concept,
  conceptOf,
  findColumns,
  findConcepts,
  foldName,
  type HeaderMapping,
  isRequired,
  listed,
  mapHeader,
  nearestColumn,
  noNames,
  ONE_OF_SEVERAL,
  type OpenColumn,
  type Spec,
  shellWord,
  shownSource,
  type Target,
  writeTableName,
} from '@csvjobs/shared';
import type { HeaderWords } from './headerWords.js';
import type { Notice } from './notice.js';
import type { ColumnFrom } from './planColumn.js';
import type { SpecColumn } from './specColumns.js';

export interface ColumnSources {
  byColumn: Map<string, ColumnFrom>;
  notices: Notice[];
}

/**
 * Finds the sources of all columns that the file or the spec fills.
 * @param faults gets a sentence for each fault: required columns without a source, fields that match several columns,
 *   sources for columns that accept no value, fields of the spec that the header lacks
 * @param words makes the sentences about the header
 * @param block of the spec: names of fields that must not fill a column by name, and whether rows are only updated
 */
export function columnSources(
  target: Target,
  columns: readonly SpecColumn[],
  header: readonly string[],
  faults: string[],
  words: HeaderWords,
  { ignore = [], updateOnly = false }: Pick<NonNullable<Spec['csvjobs']>, 'ignore' | 'updateOnly'> = {},
): ColumnSources {
  const cells = header.map((cell) => cell.trim());
  const byColumn = new Map<string, ColumnFrom>();
  const notices: Notice[] = [];
  const used = new Set<number>();
  const bySpec = new Set<string>();
  for (const each of columns) {
    const from = sourceInSpec(each, cells, faults);
    if (from === undefined) continue;
    const { name } = each.column;
    bySpec.add(name);
    if (from === 'unknown') continue;
    const refusal = refusalOf(target, each);
    if (refusal) faults.push(`csvjobs.${wordOf(each)}: ${refusal}`);
    byColumn.set(name, from);
    if (from.kind === 'field') used.add(from.position);
    if (from.kind === 'fields') for (const position of from.positions) used.add(position);
  }

  const orders = noNames(cells).filter((position) => !used.has(position));
  const hidden = new Set([...ignore.flatMap((name) => fieldsNamed(name, cells)), ...orders]);
  for (const position of hidden) used.add(position);
  const mapping = mapHeader(
    cells.map((cell, position) => (hidden.has(position) ? '' : cell)),
    columns.map((each) => ({
      name: each.column.name,
      aliases: each.aliases,
      known: each.known,
      // If no rows are inserted, a column that the file lacks keeps its values.
      required:
        !updateOnly &&
        !bySpec.has(each.column.name) &&
        each.default === undefined &&
        mustBeFilled(target, each),
    })),
  );
  for (const { position, column } of mapping.fields) {
    if (bySpec.has(column)) {
      if (!used.has(position))
        notices.push({ note: `ignored field ${quoted(cells[position]!)}: the spec fills ${column}` });
      continue;
    }
    const each = columns.find((one) => one.column.name === column)!;
    const refusal = refusalOf(target, each);
    if (refusal === undefined) byColumn.set(column, { kind: 'field', position });
    else if (each.column.generated || each.column.identity === 'always')
      notices.push(`ignored field ${quoted(cells[position]!)}: ${refusal}`);
    else faults.push(`${refusal}; remove the field from the file`);
  }
  const equal = equalNames(mapping, bySpec);
  for (const { column, positions } of equal) {
    byColumn.set(column, { kind: 'fields', positions, join: 'first' });
    for (const position of positions) used.add(position);
    notices.push(sourceNotice(column, positions, 'first', cells));
  }
  const own = new Set([...used, ...mapping.fields.map(({ position }) => position)]);
  const open = columns.map((each) => openColumn(each, byColumn.get(each.column.name), bySpec));
  for (const { column, positions, join } of findColumns(cells, open, own)) {
    const [first = 0, ...others] = positions;
    byColumn.set(
      column,
      others.length > 0 ? { kind: 'fields', positions, join } : { kind: 'field', position: first },
    );
    for (const position of positions) used.add(position);
    const known = open.find(({ name }) => name === column)!.known;
    if (others.length > 0 || !known.some((name) => foldName(name) === foldName(cells[first]!)))
      notices.push(sourceNotice(column, positions, join, cells));
  }
  notices.push(...wholeNameNotices(cells, columns, byColumn, bySpec));
  for (const each of columns) {
    const { column, default: filled } = each;
    if (filled === undefined || byColumn.has(column.name) || bySpec.has(column.name)) continue;
    const refusal = refusalOf(target, each);
    if (refusal) faults.push(`csvjobs.default: ${refusal}`);
    byColumn.set(column.name, { kind: 'constant', text: filled });
    const note = `${column.name}: ${quoted(filled)} in every row (default), as no field stands for it`;
    notices.push({ note });
  }
  if (!updateOnly) notices.push(...leftToTriggers(target, columns, byColumn));
  const empty = ![...byColumn.values()].some(({ kind }) => kind !== 'constant');
  const settled = new Set(equal.map(({ column }) => column));
  const found = { cells, mapping: openMapping(mapping, byColumn, used, settled), bySpec, used, empty };
  faults.push(...words.faults(found));
  notices.push(...words.ignored(found));
  return { byColumn, notices };
}

/** `Name` next to `First Name` only may be the whole name or the last name: nothing in a header shows which. */
function wholeNameNotices(
  cells: readonly string[],
  columns: readonly SpecColumn[],
  byColumn: ReadonlyMap<string, ColumnFrom>,
  bySpec: ReadonlySet<string>,
): Notice[] {
  const name = columns.find(({ column }) => conceptOf(column.name) === 'name')?.column.name;
  const from = name === undefined || bySpec.has(name) ? undefined : byColumn.get(name);
  if (name === undefined || from?.kind !== 'field' || foldName(cells[from.position]!) !== 'name') return [];
  const isThere = (concept: Concept) => (cell: string) => findConcepts(cell)[0]?.concept === concept;
  const first = cells.findIndex(isThere('firstName'));
  if (first === -1 || cells.some(isThere('lastName'))) return [];
  const whole = fieldReference(from.position, cells);
  const halves = shownSource([fieldReference(first, cells), whole], 'blank');
  return [
    {
      assumed: `${name}: ${whole} is the whole name; if it is the last name, add --map ${shellWord(`${name}=${halves}`)}`,
      option: `--map ${shellWord(`${name}=${whole}`)}`,
    },
  ];
}

/** Returns the notice that names the fields that fill a column, and the equivalent option. */
function sourceNotice(
  column: string,
  positions: readonly number[],
  join: 'first' | 'blank',
  cells: readonly string[],
): Notice {
  const source = shownSource(
    positions.map((position) => cells[position]!),
    join,
  );
  const exact = shownSource(
    positions.map((position) => fieldReference(position, cells)),
    join,
  );
  return { assumed: `${column}: ${source}`, option: `--map ${shellWord(`${column}=${exact}`)}` };
}

/** Returns a column in the form that `findColumns` needs. */
function openColumn(
  { column, known }: SpecColumn,
  from: ColumnFrom | undefined,
  bySpec: ReadonlySet<string>,
): OpenColumn {
  const position = from?.kind === 'field' ? from.position : undefined;
  const settled = bySpec.has(column.name) || !column.insertable || from?.kind === 'fields';
  return { name: column.name, position, settled, known };
}

/** Returns columns that take the first of several values, and that match several fields with the same name. */
function equalNames(
  { ambiguous }: HeaderMapping,
  bySpec: ReadonlySet<string>,
): { column: string; positions: number[] }[] {
  return ambiguous.flatMap(({ columns, names, positions }) => {
    const [column = ''] = columns;
    const concept = conceptOf(column);
    const isSame = columns.length === 1 && new Set(names).size === 1;
    if (!isSame || bySpec.has(column) || concept === undefined || !ONE_OF_SEVERAL.includes(concept))
      return [];
    return [{ column, positions: [...positions].sort((a, b) => a - b) }];
  });
}

/** Removes from a mapping what was found after it was made. */
function openMapping(
  mapping: HeaderMapping,
  byColumn: ReadonlyMap<string, ColumnFrom>,
  used: ReadonlySet<number>,
  settled: ReadonlySet<string>,
): HeaderMapping {
  const left = mapping.ignored.filter(({ position }) => !used.has(position));
  return {
    ...mapping,
    missing: mapping.missing.filter((name) => !byColumn.has(name)),
    ambiguous: mapping.ambiguous.filter(({ columns }) => !columns.every((column) => settled.has(column))),
    ignored: left.map((each) => {
      const { suggestion } = each;
      return suggestion !== undefined && byColumn.has(suggestion) ? { ...each, suggestion: undefined } : each;
    }),
  };
}

/**
 * Returns `unknown` if the spec's source is invalid, for example a field that the header lacks; adds a fault for it.
 */
function sourceInSpec(
  { column, constant, combine, firstOf, lookup }: SpecColumn,
  cells: readonly string[],
  faults: string[],
): ColumnFrom | undefined | 'unknown' {
  const given = Object.entries({ constant, combine, firstOf, lookup }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1) {
    const words = given.map(([word]) => `csvjobs.${word}`).join(' and ');
    faults.push(`${words} both fill the column ${column.name}; keep one`);
    return 'unknown';
  }
  if (constant !== undefined) return { kind: 'constant', text: constant };
  // lookups.ts separates the fields of a lookup again.
  const names = combine ?? firstOf?.flatMap(alternativeFields) ?? (lookup && Object.values(lookup.by));
  if (!names) return undefined;
  const place = combine ? 'combine' : firstOf ? 'firstOf' : 'lookup';
  const positions = names.map((name) => fieldPosition(name, cells, `csvjobs.${place}`, faults));
  if (positions.some((position) => position === undefined)) return 'unknown';
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

/**
 * Returns the fields of the header that a name in the spec means: those with exactly this name, otherwise as `foldName`
 * compares. `#3` is the third field, for names that occur more than once.
 */
function fieldsNamed(name: string, cells: readonly string[]): number[] {
  const all = [...cells.keys()];
  const exact = all.filter((position) => cells[position] === name.trim());
  if (exact.length > 0) return exact;
  const number = /^\s*#(\d+)\s*$/.exec(name)?.[1];
  if (number !== undefined) return all.filter((position) => position === Number(number) - 1);
  return all.filter((position) => foldName(cells[position]!) === foldName(name));
}

/** Returns what identifies a field in a spec or a `--map`: its name, or its number if its name is not unique. */
export function fieldReference(position: number, cells: readonly string[]): string {
  const name = cells[position]!;
  return name !== '' && fieldsNamed(name, cells).length === 1 ? name : `#${position + 1}`;
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
      ? `${place}: the file has no field ${quoted(name)}${nearestOf(name, cells)}; found: ${listed(cells)}`
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

/** Refuses words about the fields of a column that accepts no value: they would have no effect. */
export function unfilledFaults(
  target: Target,
  columns: readonly SpecColumn[],
  { blanks, trim }: NonNullable<Spec['csvjobs']> = {},
): string[] {
  return columns.flatMap((each) => {
    const refusal = refusalOf(target, each);
    if (refusal === undefined) return [];
    const words = [
      ...(typeof blanks === 'object' && each.blanks !== undefined ? ['blanks'] : []),
      ...(Array.isArray(trim) && each.trim ? ['trim'] : []),
    ];
    return words.map((word) => `csvjobs.${word}: ${refusal}, so no field fills it; leave it out`);
  });
}

/** Returns why a column accepts no value from a file, or undefined. */
function refusalOf(target: Target, { column }: SpecColumn): string | undefined {
  if (column.insertable) return undefined;
  const table = writeTableName(target.table);
  if (column.generated) return `${table} computes ${column.name} itself (GENERATED)`;
  if (column.identity === 'always') return `${table} numbers ${column.name} itself (GENERATED ALWAYS)`;
  return `this database role may not insert into ${column.name} of ${table}`;
}

/** A spec may require a value even if a trigger could fill the column. */
function mustBeFilled(target: Target, { column, field }: SpecColumn): boolean {
  const unlessTriggers = field?.constraints?.required === true ? { triggers: [] } : target;
  return isRequired(unlessTriggers, column);
}

/** Says which columns only a trigger can fill. */
function leftToTriggers(
  target: Target,
  columns: readonly SpecColumn[],
  byColumn: ReadonlyMap<string, ColumnFrom>,
): Notice[] {
  const open = columns.filter(
    (each) =>
      !byColumn.has(each.column.name) &&
      isRequired({ triggers: [] }, each.column) &&
      !mustBeFilled(target, each),
  );
  if (open.length === 0) return [];
  const names = listed(open.map(({ column }) => column.name));
  return [
    {
      note: `no field for ${names}, which may not be NULL: a trigger of the table must fill ${open.length === 1 ? 'it' : 'them'}`,
    },
  ];
}

function wordOf({ constant, combine, lookup }: SpecColumn): string {
  return constant !== undefined ? 'constant' : combine ? 'combine' : lookup ? 'lookup' : 'firstOf';
}

const quoted = (name: string) => JSON.stringify(name);
