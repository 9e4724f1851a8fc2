/** Checks whether a database role may update what a job wants to update. */
import { type Target, writeTableName } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../../sql/pool.js';
import { type Conflict, tableOf } from '../../sql/target/loadPlan.js';

/**
 * @throws {Failure} `target_denied` if the role may not read the key or, if rows are updated, may not read every column
 *   or update those of the file
 */
export async function assertUpdatable(
  db: Db,
  target: Target,
  { onConflict, key, sets }: Conflict,
): Promise<void> {
  // An undo needs the whole row as it was before.
  const read = onConflict === 'update' ? target.columns.map(({ name }) => name) : key.columns;
  const updated = onConflict === 'update' ? sets : [];
  const wanted = [
    ...read.map((name) => ({ name, right: 'SELECT' })),
    ...updated.map(({ name }) => ({ name, right: 'UPDATE' })),
  ];
  const { rows } = await db.query<{ right: string; names: string }>(
    `select w.right, string_agg(w.name, ', ') as names from jsonb_to_recordset($2) w (name text, "right" text)
     where not has_column_privilege($1::regclass, w.name, w.right) group by w.right order by w.right`,
    [tableOf(target), JSON.stringify(wanted)],
  );
  if (rows.length === 0) return;
  const lacking = rows.map(({ right, names }) => `${right} on ${names}`).join(' and ');
  throw new Failure(
    'target_denied',
    `to find and update rows of ${writeTableName(target.table)}, the database role lacks ${lacking}; grant it and retry the job`,
  );
}
