/** Code that the server runs. */
import { literal } from './literal.js';

/**
 * A statement that runs a block of PL/pgSQL. A name that is both a column and a variable means the column: each block has the
 * variables `found`, `sqlstate` and `sqlerrm`, and a table may have columns of these names. The block's own variables are named
 * `csvjobs$…`, as no column that a job fills, or stand for a record whose columns are named with it.
 */
export function doBlock(block: string): string {
  return `do language plpgsql ${literal(`#variable_conflict use_column\n${block}`)}`;
}
