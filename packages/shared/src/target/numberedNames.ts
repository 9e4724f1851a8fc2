/**
 * `Name 1` and `Name 2` (Bexio, SAP): a company and what is added to its name, or the last and the first name of a
 * person. Neither is a whole name, so a person decides.
 */
import { PLAIN_NAMES } from './doubtfulNames.js';
import { foldName } from './headers.js';

const PLAIN = PLAIN_NAMES.map(foldName);

/** Returns the positions of the two fields; none if one of them is missing. */
export function numberedNames(cells: readonly string[]): number[] {
  const folded = cells.map(foldName);
  for (const name of PLAIN) {
    const positions = ['1', '2'].map((number) => folded.indexOf(`${name}${number}`));
    if (!positions.includes(-1)) return positions;
  }
  return [];
}
