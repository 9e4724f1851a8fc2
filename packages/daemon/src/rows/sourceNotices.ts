/** Notices about the fields that were assumed to fill a column. */
import type { Concept } from '@csvjobs/shared';
import { shellWord } from '@csvjobs/shared/paths';
import { conceptOf, findConcepts, foldName, shownSource } from '@csvjobs/shared/reading';
import { fieldReference } from './fieldReference.js';
import type { Notice } from './notice.js';
import type { ColumnFrom } from './planColumn.js';
import type { SpecColumn } from './specColumns.js';

/** `Name` next to `First Name` only may be the whole name or the last name: nothing in a header shows which. */
export function wholeNameNotices(
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
export function sourceNotice(
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
  return { assumed: `${column}: from ${source}`, option: `--map ${shellWord(`${column}=${exact}`)}` };
}
