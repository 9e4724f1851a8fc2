/** Work that does not wait long for the locks of other transactions. */
import { LOCK_PATIENCE } from './lanes.js';
import { type Db, type Pool, transaction } from './pool.js';

/**
 * Runs `work` in a pool transaction that gives up on a lock after a short wait.
 * @throws an error that `isLocked` recognizes
 */
export function withinPatience<T>(pool: Pool, work: (db: Db) => Promise<T>): Promise<T> {
  return transaction(pool, async (db) => {
    await db.query(`set local lock_timeout = '${LOCK_PATIENCE}'`);
    return work(db);
  });
}

/** Returns whether another transaction held a lock for longer than `withinPatience` waits. */
export function isLocked(error: unknown): boolean {
  return (error as { code?: string }).code === LOCK_NOT_AVAILABLE;
}

/** SQLSTATE (PostgreSQL, appendix A). */
const LOCK_NOT_AVAILABLE = '55P03';
