/** A table whose content is to become that of a file, kept from all other writers until the end of the transaction. */
import type { Target } from '@csvjobs/shared';
import type { Client } from '../../pool.js';
import { tableOf } from '../loadPlan.js';

/**
 * A table by itself, without those that inherit from it, of which each has its own keys and rows; a partitioned one with all its
 * partitions. As SQL, named `t`.
 */
export function itself(target: Target): string {
  return `${target.kind === 'partitioned table' ? '' : 'only '}${tableOf(target)}`;
}

/**
 * Nobody else writes from here on, while all may read; foreign keys of other tables may lock rows of this one. Returns how many
 * rows the table has.
 */
export async function lockTable(client: Client, target: Target): Promise<number> {
  await client.query(`lock table ${itself(target)} in share row exclusive mode`);
  return countRows(client, target);
}

/** How many rows the table has, as its transaction sees it. */
export async function countRows(client: Client, target: Target): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(`select count(*) as rows from ${itself(target)}`);
  return rows[0]!.rows;
}
