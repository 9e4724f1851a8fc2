/** Labels with their values beside them, of the details of a job, a file and a daemon. */
import { stripVTControlCharacters } from 'node:util';
import { folded } from './fold.js';

/** A label as it is printed, and its value. */
export type Labelled = readonly [label: string, value: string];

const GAP = 2;

/**
 * Returns a line for each label, with the values in a column. On a terminal, a long value is folded between words in that
 * column; a command in it stays whole.
 * @param columns of the terminal; undefined in a pipe, where nothing is folded
 */
export function labelledLines(
  facts: readonly Labelled[],
  columns: number | undefined,
  indent = '',
): string[] {
  const widths = facts.map(([label]) => stripVTControlCharacters(label).length);
  const width = Math.max(...widths) + GAP;
  const under = indent + ' '.repeat(width);
  return facts.flatMap(([label, value], at) => {
    const text = columns === undefined ? value : folded(value, Math.max(1, columns - under.length));
    const [first = '', ...more] = text.split('\n');
    return [
      `${indent}${label}${' '.repeat(width - widths[at]!)}${first}`,
      ...more.map((line) => under + line),
    ];
  });
}
