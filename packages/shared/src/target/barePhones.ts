/** Phones whose names say only which phone it is: Yahoo has `Home`, `Work`, `Mobile`, `Pager` and `Fax`. */
import { findConcepts } from './findConcept.js';
import { foldName } from './headers.js';
import { BARE_PHONES } from './wordsAroundNames.js';

const BARE = BARE_PHONES.map(foldName);
const OTHER_LINES = ['fax', 'pager', 'telefax'];

/**
 * Returns such fields, preferred ones first. One of these words alone may be anything; two of them beside a mobile phone
 * or a fax are phones.
 */
export function barePhones(cells: readonly string[], used: ReadonlySet<number>): number[] {
  const folded = cells.map(foldName);
  const found = BARE.flatMap((name) => (folded.includes(name) ? [folded.indexOf(name)] : []));
  if (found.length < 2) return [];
  const isLine = (name: string) =>
    OTHER_LINES.includes(foldName(name)) ||
    findConcepts(name).some(({ concept }) => concept === 'phone' || concept === 'mobile');
  return cells.some(isLine) ? found.filter((position) => !used.has(position)) : [];
}
