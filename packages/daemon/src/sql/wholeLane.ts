/**
 * A lane whose batches are one transaction, for jobs whose rows become visible all together or not at all
 * (docs/decisions/0033-atomic-and-dry-run.md). Each batch is a savepoint. Rejects and progress go through a second
 * connection and are committed batch by batch: they are visible while the job runs, and stay even if the rows do not.
 */
import { type HeldRows, heldRows } from './heldRows.js';
import { completeJob, holdJob } from './jobProgress.js';
import type { LaneConnection, LaneSettings, LoaderSession } from './lanes.js';
import { cut } from './pool.js';

const BATCH = 'csvjobs_batch';

/** Makes PostgreSQL run its deferred checks now instead of at the commit. */
const LOOK_AT_ALL = 'set constraints all immediate';

export function wholeLane(
  rows: LoaderSession,
  reports: LoaderSession,
  { job, attempt }: LaneSettings,
): LaneConnection {
  const { client } = rows;
  /** Whether the rows' only transaction has begun. */
  let begun = false;
  /** Whether the batch's reports transaction has begun; it begins with the first write. */
  let reporting = false;

  async function beginAll(): Promise<void> {
    if (begun) return;
    await rows.begin(true);
    begun = true;
    // Before the first savepoint, so that the job stays locked after a rollback to it.
    await holdJob(client, job, attempt);
  }

  let reportsClosed: Promise<void> | undefined;
  function closeReports(): Promise<void> {
    reportsClosed ??= reports.close();
    return reportsClosed;
  }

  async function endReports(how: 'commit' | 'rollback'): Promise<void> {
    if (!reporting) return;
    reporting = false;
    await reports.client.query(how);
  }

  return {
    client,
    async begin() {
      await beginAll();
      await client.query(`savepoint ${BATCH}`);
    },
    async restart() {
      await endReports('rollback');
      await client.query(`rollback to savepoint ${BATCH}`);
    },
    async reports() {
      if (!reporting) {
        await reports.begin(true);
        reporting = true;
        // If there is no lock, a later attempt has taken over: then the progress is refused, and these rejects with
        // it.
        await holdJob(reports.client, job, attempt);
      }
      return reports.client;
    },
    hold: () => holdJob(client, job, attempt),
    async commit() {
      await client.query(`release savepoint ${BATCH}`);
      await endReports('commit');
    },
    async abandon() {
      await endReports('rollback').catch(() => {});
      await client.query(`rollback to savepoint ${BATCH}; release savepoint ${BATCH}`).catch(() => {});
    },
    cut() {
      cut(client);
      cut(reports.client);
    },
    async close() {
      await Promise.all([rows.close(), closeReports()]);
    },
    whole: {
      async complete() {
        await beginAll();
        const completed = await completeJob(client, job, attempt);
        await client.query(completed ? 'commit' : 'rollback');
        return completed;
      },
      async rollBack() {
        if (!begun) return;
        await client.query(LOOK_AT_ALL);
        await client.query('rollback');
      },
      async hold(): Promise<HeldRows> {
        await beginAll();
        await client.query(LOOK_AT_ALL);
        await closeReports();
        return heldRows(rows, { job, attempt });
      },
    },
  };
}
