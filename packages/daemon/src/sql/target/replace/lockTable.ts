/** Locks a table against other writers while a file replaces its content, until the end of the transaction. */
import type { Target } from '@csvjobs/shared';
import type { Client } from '../../pool.js';
import { itself } from '../loadPlan.js';

/**
 * Locks the table: others can still read it, and foreign keys of other tables can lock its rows, but no other session
 * can write. Returns the number of rows.
 */
export async function lockTable(client: Client, target: Target): Promise<number> {
  await client.query(`lock table ${itself(target)} in share row exclusive mode`);
  return countRows(client, target);
}

/** Returns the number of rows that the transaction sees. */
export async function countRows(client: Client, target: Target): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(`select count(*) as rows from ${itself(target)}`);
  return rows[0]!.rows;
}
