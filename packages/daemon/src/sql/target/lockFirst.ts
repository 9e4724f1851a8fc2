/**
 * Locks a table for writing before a batch reads it. A batch that finds the rows of its keys first would have locked the indexes
 * when it asks for this lock, and REINDEX TABLE, which asks in the other order, would end in a deadlock.
 */
import type { Target } from '@csvjobs/shared';
import type { Client, Db } from '../pool.js';
import { tableOf } from './loadPlan.js';

/** Locks the table within a transaction, as an INSERT does; partitions are not, because there may be thousands. */
export type LockTable = (client: Client) => Promise<void>;

/**
 * Returns how to lock a table. That does nothing for other relations, and if the role has no right on the table as a whole, but on
 * columns only (PostgreSQL manual, LOCK).
 */
export async function lockFirst(db: Db, target: Target): Promise<LockTable> {
  const table = tableOf(target);
  const isTable = target.kind === 'table' || target.kind === 'partitioned table';
  if (!isTable || !(await mayLock(db, table))) return async () => {};
  return async (client) => void (await client.query(`lock table only ${table} in row exclusive mode`));
}

async function mayLock(db: Db, table: string): Promise<boolean> {
  const { rows } = await db.query<{ may: boolean | null }>(
    `select has_table_privilege(to_regclass($1), 'INSERT, UPDATE, DELETE') as may`,
    [table],
  );
  return rows[0]!.may === true;
}
