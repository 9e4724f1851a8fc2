/**
 * The transaction of a held job. It contains all its rows and a lock on the job's row, which lasts exactly as long as
 * the transaction, however that ends. So if the job's row can be locked for update, nothing holds its rows any more
 * (failUnheld).
 */
import type { Job } from '@csvjobs/shared';
import { completeHeld } from './heldJobs.js';
import type { Client } from './pool.js';

export interface HeldRows {
  /** Sees the rows. */
  client: Client;
  /**
   * Shows that this process still holds the rows; otherwise PostgreSQL drops them after IDLE_PATIENCE.
   * @throws if they are gone
   */
  keepAlive(): Promise<void>;
  /** Whether the connection, and the rows with it, is gone. */
  readonly lost: boolean;
  /** Calls the listener when that happens, or at once if it has. */
  onLost(listener: () => void): void;
  /**
   * Makes the rows visible and completes the job, atomically. Returns null if the job was not accepted or is
   * finished; the rows are then rolled back.
   */
  commit(): Promise<Job | null>;
  /** Rolls back uncommitted rows and closes the connection. Never throws. */
  close(): Promise<void>;
}

/**
 * How long a held transaction may be idle. If it is idle for longer, its process was stopped or its machine is gone:
 * a running process calls `keepAlive` more often.
 */
const IDLE_PATIENCE = '2min';

/** Takes over a session whose transaction contains all rows of a job that is held (holdJob). */
export async function heldRows(
  { client, close }: { client: Client; close(): Promise<void> },
  { job, attempt }: { job: string; attempt: number },
): Promise<HeldRows> {
  let lost = false;
  client.once('end', () => {
    lost = true;
  });
  await client.query(`set local idle_in_transaction_session_timeout = '${IDLE_PATIENCE}'`);
  return {
    client,
    get lost() {
      return lost;
    },
    async keepAlive() {
      await client.query('select');
    },
    onLost(listener) {
      if (lost) listener();
      else client.once('end', listener);
    },
    async commit() {
      const completed = await completeHeld(client, job, attempt);
      await client.query(completed ? 'commit' : 'rollback');
      return completed;
    },
    async close() {
      await client.query('rollback').catch(() => {});
      await close();
    },
  };
}
