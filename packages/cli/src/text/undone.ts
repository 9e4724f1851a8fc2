/** What happened to the rows of an undone job, or would happen. */
import type { UndoCounts } from '@csvjobs/shared';
import { listed } from '@csvjobs/shared/rules';
import { folded } from './fold.js';
import { clean, plural } from './text.js';

/**
 * Returns a line for each kind of row that there is, folded between words beside its number.
 * @param columns of the terminal; in a pipe nothing is folded
 * @param indent before each line
 */
export function undoLines(counts: UndoCounts, columns = Number.POSITIVE_INFINITY, indent = ''): string[] {
  const { removed, restored, altered, references, refusals, kept, changed, missing, unseenBy } = counts;
  const lines: [rows: number, what: string][] = [
    [removed, 'removed'],
    [restored - (altered?.rows ?? 0), 'restored as before the job'],
    [
      altered?.rows ?? 0,
      `restored, but triggers of the table changed ${whatChanged(altered?.columns ?? [])}`,
    ],
    ...references.map(({ rows, table, constraint, example }): [number, string] => [
      rows,
      `left, referenced by ${clean(table)} (${clean(constraint)})${suchAs(example)}`,
    ]),
    ...refusals.map(({ rows, message, sqlstate, example }): [number, string] => [
      rows,
      `left, refused by the table: ${clean(message)} (${sqlstate})${suchAs(example)}`,
    ]),
    [kept, 'left, kept by a trigger, a rule or row security of the table'],
    [changed, 'left, changed since'],
    [missing, `not found as loaded: ${whyMissing(unseenBy)}`],
  ];
  const found = lines.filter(([rows], at) => rows > 0 || at === 0);
  const numbers = found.map(([rows]) => plural(rows, 'row'));
  const width = Math.max(...numbers.map(({ length }) => length));
  return found.flatMap(([, what], at) => {
    const number = `${indent}${numbers[at]!.padStart(width)}  `;
    const [first, ...more] = folded(what, Math.max(1, columns - number.length)).split('\n');
    return [number + first, ...more.map((line) => ' '.repeat(number.length) + line)];
  });
}

function suchAs(example: string): string {
  return example === '' ? '' : `, such as ${clean(example)}`;
}

/** Values may only have moved between rows: then no column is named. */
function whatChanged(columns: readonly string[]): string {
  const names = columns.map((name) => (/^[\p{L}\p{N}_$]+$/u.test(name) ? name : `"${name}"`));
  return names.length > 0 ? clean(listed(names)) : 'values';
}

/** @param role the database role, if row security may hide rows from it */
function whyMissing(role: string | undefined): string {
  return `deleted or changed since${role === undefined ? '' : `, or not visible to the role ${clean(role)} (row security)`}`;
}
