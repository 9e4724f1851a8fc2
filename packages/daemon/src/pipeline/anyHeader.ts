/** The header of a file whose columns are not known beforehand. */
import { MOST_COLUMNS } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import type { FileHeader, HeaderRules } from './header.js';

export interface AnyHeader extends FileHeader {
  /** All of its cells, trimmed. */
  names: string[];
}

const WANTED = 'the columns';

export const ANY_HEADER: HeaderRules<AnyHeader> = {
  wanted: WANTED,
  read(cells) {
    const names = cells.map((cell) => cell.trim());
    const named = names.findLastIndex((name) => name !== '') + 1;
    if (named === 0) throw invalid('has no names');
    if (named > MOST_COLUMNS)
      throw invalid(`has ${named} columns, and a table of PostgreSQL has at most ${MOST_COLUMNS}`);
    const nameless = [...names.keys()].filter((position) => position < named && names[position] === '');
    return { names, named, cells: cells.length, nameless, notices: [] };
  },
  // Columns without a name are told where the table is made of them: only those with values count.
  nameless: () => [],
};

function invalid(why: string): Failure {
  return new Failure('header_invalid', `The first line ${why}. It must name ${WANTED}.`);
}
