/** Runs work that PostgreSQL may refuse without aborting its transaction. */
import type { Db } from '../pool.js';
import { literal } from './literal.js';

/** Classes of SQLSTATE that concern a statement or its rows: data, integrity, triggers, rights and names, views. */
const OF_THE_STATEMENT = ['0A', '21', '22', '23', '27', '2F', '38', '39', '42', '44', 'P0'];

/** What the input functions of some extensions (hstore) raise for an unreadable text: elog's default code. */
export const INTERNAL_ERROR = 'XX000';

/**
 * Returns whether PostgreSQL refused a statement for its content or rows; not for a lock, a full disk or a shutdown.
 */
export function isRefusal(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || code.length !== 5) return false;
  return code === INTERNAL_ERROR || OF_THE_STATEMENT.includes(code.slice(0, 2));
}

/** SQL condition for the same: an SQLSTATE is one of a refusal. */
export function refusalCondition(state: string): string {
  return `(${state} = '${INTERNAL_ERROR}' or left(${state}, 2) = any (${literal(`{${OF_THE_STATEMENT.join(',')}}`)}))`;
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
