/** Protects a table whose content a file replaces: a file with too few rows is more often a mistake than intended. */
import {
  allowedRejects,
  grouped,
  type LoadMode,
  MAX_REMOVED,
  readMaxErrors,
  rowCount,
  type ShownRow,
  type TableName,
  writeTableName,
} from '@csvjobs/shared';
import { Failure } from '../../failure.js';

/**
 * @param before how many rows the table had
 * @param going how many of them would be removed for good
 * @param byKey whether these are the rows whose key the file lacks; otherwise the file has that many rows fewer than
 *   the table
 * @param first some of the rows; the message shows one
 * @throws {Failure} `max_removed_exceeded`
 */
export function checkRemoval(
  { maxRemoved = MAX_REMOVED }: LoadMode,
  table: TableName,
  {
    before,
    going,
    byKey,
    first,
  }: { before: number; going: number; byKey: boolean; first: readonly ShownRow[] },
): void {
  const gate = readMaxErrors(maxRemoved);
  const allowed = gate ? allowedRejects(gate, before) : 0;
  if (going <= allowed) return;
  const name = writeTableName(table);
  const what = byKey
    ? `${grouped(going)} of the ${rowCount(before)} of ${name} would be removed: no good record of the file has their key${example(first)}`
    : `${name} has ${rowCount(before)}, and would have ${grouped(before - going)}: ${grouped(going)} fewer`;
  throw new Failure(
    'max_removed_exceeded',
    `${what}; at most ${grouped(allowed)} may be removed (--max-removed ${maxRemoved}): nothing was changed. If the file is complete, upload it again with --max-removed ${going}`,
  );
}

/** `, such as sku a9, price 3.00` */
function example([row]: readonly ShownRow[]): string {
  if (!row) return '';
  const values = Object.entries(row).slice(0, SHOWN_COLUMNS);
  return `, such as ${values.map(([name, value]) => `${name} ${value ?? 'null'}`).join(', ')}`;
}

const SHOWN_COLUMNS = 3;
