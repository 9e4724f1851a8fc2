/** The target of a load, from the catalog: found by its name, and read with all its rules. */
import { createHash } from 'node:crypto';
import { type TableName, type Target, targetSchema, writeTableName } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { LOCK_PATIENCE } from '../lanes.js';
import { type Db, type Pool, transaction } from '../pool.js';
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

/**
 * As `readTarget`, for callers who wait for an answer: PostgreSQL reads the expressions of a table only when nobody holds
 * it in ACCESS EXCLUSIVE mode, which a long ALTER TABLE or VACUUM FULL does.
 * @throws {Failure} `unavailable` where another transaction has locked the table
 */
export async function readTargetSoon(pool: Pool, table: TableName): Promise<Target | undefined> {
  try {
    return await withinPatience(pool, (db) => readTarget(db, table));
  } catch (error) {
    if (!isLocked(error)) throw error;
    const name = writeTableName(table);
    throw new Failure(
      'unavailable',
      `another transaction has locked the table ${name} (an ALTER TABLE or a VACUUM FULL, say), so it cannot be looked at; nothing was changed, try again when it is done`,
    );
  }
}

/** Runs `work` on a connection of the pool that is not held for long by the locks of others. @throws as `isLocked` knows */
export function withinPatience<T>(pool: Pool, work: (db: Db) => Promise<T>): Promise<T> {
  return transaction(pool, async (db) => {
    await db.query(`set local lock_timeout = '${LOCK_PATIENCE}'`);
    return work(db);
  });
}

/** Whether another transaction held a lock for longer than `withinPatience` waits. */
export function isLocked(error: unknown): boolean {
  return (error as { code?: string }).code === LOCK_NOT_AVAILABLE;
}

/** SQLSTATE (PostgreSQL, appendix A). */
const LOCK_NOT_AVAILABLE = '55P03';

/** What a role may do is left out: it is asked again at each attempt, and says nothing about the rows. */
function fingerprintOf({ columns, rowSecurity: _, ...rest }: Omit<Target, 'fingerprint'>): string {
  const rules = {
    ...rest,
    columns: columns.map(({ insertable: _may, comment: _said, ...column }) => column),
  };
  return createHash('sha256').update(JSON.stringify(rules)).digest('hex');
}
