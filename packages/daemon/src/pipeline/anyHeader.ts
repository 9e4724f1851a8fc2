/** The header of a file whose columns are not known beforehand. */
import { MOST_COLUMNS } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import type { HeaderParts } from './header.js';
import type { HeaderRule } from './headerRule.js';

export interface AnyHeader extends HeaderParts {
  /** All cells, trimmed. */
  names: string[];
}

const WANTED = 'the columns';

export const anyHeader: HeaderRule<AnyHeader> = Object.assign(read, {
  wanted: WANTED,
  // Only nameless columns with values matter. The code that proposes a table reports those.
  nameless: () => [],
});

function read(cells: readonly string[]): AnyHeader {
  const names = cells.map((cell) => cell.trim());
  const named = names.findLastIndex((name) => name !== '') + 1;
  if (named === 0) throw invalid('has no names');
  if (named > MOST_COLUMNS)
    throw invalid(`has ${named} columns, and a table of PostgreSQL has at most ${MOST_COLUMNS}`);
  const nameless = [...names.keys()].filter((position) => position < named && names[position] === '');
  return { names, named, cells: cells.length, nameless, notices: [] };
}

function invalid(why: string): Failure {
  return new Failure('header_invalid', `The first line ${why}. It must name ${WANTED}.`);
}
