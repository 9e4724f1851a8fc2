/** The target of a load, from the catalog: found by its name, and read with all its rules. */
import { createHash } from 'node:crypto';
import { type TableName, type Target, targetSchema } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { TARGET_QUERY } from './catalogQuery.js';

/**
 * Reads a table with all that decides about its rows, as the role of `db` sees it.
 * Returns undefined where there is no such table, or the role may not see into its schema.
 */
export async function readTarget(db: Db, { schema, name }: TableName): Promise<Target | undefined> {
  const { rows } = await db.query<{ target: Omit<Target, 'fingerprint'> }>(TARGET_QUERY, [schema, name]);
  const found = rows[0]?.target;
  if (!found) return undefined;
  return targetSchema.parse({ ...found, fingerprint: fingerprintOf(found) });
}

/** What a role may do is left out: it is asked again at each attempt, and says nothing about the rows. */
function fingerprintOf({ columns, rowSecurity: _, ...rest }: Omit<Target, 'fingerprint'>): string {
  const rules = {
    ...rest,
    columns: columns.map(({ insertable: _may, comment: _said, ...column }) => column),
  };
  return createHash('sha256').update(JSON.stringify(rules)).digest('hex');
}
