/** Checks that the database role may find and update the rows whose keys a file has. */
import { partColumns, quoteIdentifier, type Target, writeTableName } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { tableOf } from './loadPlan.js';

/** What a file does with rows that the table has. */
export interface FileConflict {
  onConflict: 'skip' | 'update';
  /** It inserts no rows. */
  updateOnly: boolean;
  /** The name of the unique key. */
  key: string;
  /** The columns that it fills in new rows only. */
  newRowsOnly: readonly string[];
}

/**
 * Returns a sentence with the statement that grants what is missing if the role may not read the key or, if rows are updated,
 * may not read every column or update those of the file. Undefined if it lacks nothing.
 * @param filled the columns that the file fills
 */
export async function lackedToUpdate(
  db: Db,
  target: Target,
  filled: readonly string[],
  { onConflict, key: named, newRowsOnly }: FileConflict,
): Promise<string | undefined> {
  const key = target.keys.find(({ name }) => name === named)!;
  const updates = onConflict === 'update';
  // An undo needs the whole row as it was before.
  const read = updates ? target.columns.map(({ name }) => name) : key.columns;
  const updated = updates
    ? filled.filter((name) => ![...partColumns(key), ...newRowsOnly].includes(name))
    : [];
  const wanted = [
    ...read.map((name) => ({ name, right: 'SELECT' })),
    ...updated.map((name) => ({ name, right: 'UPDATE' })),
  ];
  const { rows } = await db.query<{ right: string; names: string[]; role: string }>(
    `select w.right, array_agg(w.name) as names, current_user::text as role
     from jsonb_to_recordset($2) w (name text, "right" text)
     where not has_column_privilege($1::regclass, w.name, w.right) group by w.right order by w.right`,
    [tableOf(target), JSON.stringify(wanted)],
  );
  const [first] = rows;
  if (!first) return undefined;
  const lacking = rows.map(({ right, names }) => `${right} on ${names.join(', ')}`).join(' and ');
  const rights = rows.map(
    ({ right, names }) => `${right.toLowerCase()} (${names.map(quoteIdentifier).join(', ')})`,
  );
  const finds = updates ? 'find and update' : 'find';
  return `to ${finds} rows of ${writeTableName(target.table)}, the database role lacks ${lacking}; the owner of the table can grant it: grant ${rights.join(', ')} on ${tableOf(target)} to ${quoteIdentifier(first.role)}`;
}
