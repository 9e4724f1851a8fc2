/**
 * The transaction of a held job: all its rows, and its lock on the job's row, which goes when the transaction does, however that
 * ends. So whoever can lock the job's row for update knows that nobody holds its rows any more (failUnheld).
 */
import type { Job } from '@csvjobs/shared';
import { completeHeld } from './heldJobs.js';
import type { Client } from './pool.js';

export interface HeldRows {
  /** Sees the rows. */
  client: Client;
  /** Says that this process still holds them; without it PostgreSQL ends them after IDLE_PATIENCE. @throws where they are gone */
  keepAlive(): Promise<void>;
  /** Whether their connection is gone, and they with it. */
  readonly lost: boolean;
  /** Calls back when that happens. */
  onLost(listener: () => void): void;
  /** Makes them visible and the job completed, in one moment. Null where it was not accepted, or has ended: they are rolled back. */
  commit(): Promise<Job | null>;
  /** Rolls back what is not committed, and ends the connection. Never throws. */
  close(): Promise<void>;
}

/**
 * How long a held transaction may do nothing. It is that of a process that was stopped, or of a machine that is gone: one that
 * works says more often that it is there.
 */
const IDLE_PATIENCE = '2min';

/** Takes over a session in whose transaction all rows are, and the job is held (holdJob). */
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
