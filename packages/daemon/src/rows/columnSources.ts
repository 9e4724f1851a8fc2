/** Finds the source of each column: a field of the header, several fields that the spec joins, or a constant. */
import type { HeaderMapping, OpenColumn, Spec, Target } from '@csvjobs/shared';
import {
  conceptOf,
  findColumns,
  foldName,
  isComputed,
  isRequired,
  listed,
  mapHeader,
  noNames,
  ONE_OF_SEVERAL,
} from '@csvjobs/shared/reading';
import { fieldsNamed } from './fieldReference.js';
import type { HeaderWords } from './headerWords.js';
import type { Notice } from './notice.js';
import type { ColumnFrom } from './planColumn.js';
import { sourceInSpec, wordOf } from './sourceInSpec.js';
import { sourceNotice, wholeNameNotices } from './sourceNotices.js';
import type { SpecColumn } from './specColumns.js';
import { refusalOf, wayOut } from './unfilled.js';

export interface ColumnSources {
  byColumn: Map<string, ColumnFrom>;
  notices: Notice[];
  /** Whether a fault is better understood with a list of the file's fields. */
  lacksFields: boolean;
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
  let lacksFields = false;
  for (const each of columns) {
    const from = sourceInSpec(each, cells, faults);
    if (from === undefined) continue;
    const { name } = each.column;
    bySpec.add(name);
    if (from === 'noField') lacksFields = true;
    if (from === 'noField' || from === 'invalid') continue;
    const refusal = refusalOf(target, each);
    if (refusal) faults.push(`csvjobs.${wordOf(each)}: ${refusal}${wayOut(target, each)}`);
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
    else if (isComputed(each.column)) notices.push(`ignored field ${quoted(cells[position]!)}: ${refusal}`);
    else faults.push(`${refusal}${wayOut(target, each, 'remove the field from the file')}`);
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
    if (refusal) faults.push(`csvjobs.default: ${refusal}${wayOut(target, each)}`);
    byColumn.set(column.name, { kind: 'constant', text: filled });
    const note = `${column.name}: ${quoted(filled)} in every row (default), as no field stands for it`;
    notices.push({ note });
  }
  if (!updateOnly) notices.push(...leftToTriggers(target, columns, byColumn));
  const empty = ![...byColumn.values()].some(({ kind }) => kind !== 'constant');
  const settled = new Set(equal.map(({ column }) => column));
  const filled = new Set(byColumn.keys());
  const found = {
    cells,
    mapping: openMapping(mapping, byColumn, used, settled),
    bySpec,
    used,
    filled,
    empty,
  };
  faults.push(...words.faults(found));
  notices.push(...words.ignored(found));
  if (found.mapping.missing.length > 0 || empty) lacksFields = true;
  return { byColumn, notices, lacksFields };
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

const quoted = (name: string) => JSON.stringify(name);
