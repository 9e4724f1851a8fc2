/** Runs work that PostgreSQL may refuse without aborting its transaction. */
import type { Db } from '../pool.js';
import { literal } from './literal.js';

/**
 * SQLSTATEs that no row causes, by their beginning: connection, transaction, resources, locks, operator, system,
 * snapshot, configuration, damaged data. A trigger or a function may raise any other, also of a class that PostgreSQL
 * does not have. Extensions raise XX000 (elog's default code) for a bad value, and 54000 means that a value is too large
 * for an index.
 */
const NOT_OF_ROWS = '08 25 40 53 55006 55P03 57 58 72 F0 XX001 XX002'.split(' ');

/**
 * Returns whether PostgreSQL refused a statement for its content or rows; not for a lock, a full disk or a shutdown.
 */
export function isRefusal(error: unknown): boolean {
  if (error instanceof RowsDropped) return true;
  // Without a severity it is an error of Node, with a code such as EPIPE.
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  if (typeof code !== 'string' || typeof severity !== 'string') return false;
  return !NOT_OF_ROWS.some((start) => code.startsWith(start));
}

/** SQL condition: no row causes an error with this SQLSTATE. */
export function notTheRow(state: string): string {
  return `${state} ~ ${literal(`^(${NOT_OF_ROWS.join('|')})`)}`;
}

/** Rows were left out: by a trigger, a rule, or a statement that cannot list them all. */
export class RowsDropped extends Error {
  override readonly name = 'RowsDropped';
}

/**
 * Runs `work` in a subtransaction. Returns undefined, and leaves nothing of it, if PostgreSQL refuses it.
 * @param isExpected which errors count as such; all others are thrown
 */
export async function attempt<T extends object>(
  client: Db,
  work: () => Promise<T>,
  isExpected: (error: unknown) => boolean = isRefusal,
): Promise<T | undefined> {
  await client.query('savepoint csvjobs_attempt');
  try {
    const result = await work();
    await client.query('release savepoint csvjobs_attempt');
    return result;
  } catch (error) {
    if (!isExpected(error)) throw error;
    await client.query('rollback to savepoint csvjobs_attempt; release savepoint csvjobs_attempt');
    return undefined;
  }
}
