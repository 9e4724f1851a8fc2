/**
 * One connection that loads batches, each in one transaction, in two steps: `prepare` does all that needs no earlier
 * batch to be committed, so lanes do it side by side; `finish` does the rest, in the order of the file.
 *
 * Most rows are direct: the reading thread has not met their e-mail before, so they can only collide with rows of
 * other jobs. They are copied straight into the table. If one collides, PostgreSQL refuses them all; then they take
 * the staged way, where each is looked up. Suspects, whose e-mail may have been in the file before, always do, and
 * those that nobody claims wait for the earlier batches, in which their winner may still be.
 */
import { ALREADY_IN_CUSTOMERS, DUPLICATE_IN_FILE, type Progress, rowsOf } from '@csvjobs/shared';
import { failpoint } from '../failpoint.js';
import { Failure } from '../failure.js';
import {
  copyCustomers,
  insertUnclaimed,
  type Repeated,
  rejectClaimed,
  stageCustomers,
} from '../sql/customers.js';
import { loadRejections } from '../sql/jobErrors.js';
import { advance, holdJob } from '../sql/jobProgress.js';
import type { Client } from '../sql/pool.js';
import type { Batch } from './batch.js';

/** Thrown when the job is no longer this attempt's: another worker has it, or it was cancelled. Nothing was written. */
export class Superseded extends Failure {
  constructor(jobId: string) {
    super('superseded', `job ${jobId} is no longer this worker's; nothing of the batch was written`);
  }
}

/** How direct rows go in: straight, or looked up one by one because some are expected to be there already. */
export type Way = 'straight' | 'staged';

export interface Prepared {
  batch: Batch;
  inserted: number;
  /** How many rows were rejected for each reason. */
  reasons: Record<string, number>;
  /** Suspects that wait for the earlier batches. */
  unclaimed: number;
  /** The way that the next batch should take: staged as long as batches have rows that are there already. */
  nextWay: Way;
}

export interface Lane {
  /** Begins the batch's transaction. `patient`: waits for other jobs' rows as long as it takes. */
  prepare(batch: Batch, way: Way, patient?: boolean): Promise<Prepared>;
  /** Ends the batch's transaction: when this returns, the batch is committed. Returns the job as it is then. */
  finish(prepared: Prepared): Promise<Progress>;
  /** Ends a transaction of which nothing shall stay; a broken connection has done so by itself. */
  abandon(): Promise<void>;
  close(): Promise<void>;
}

export function createLane(client: Client, jobId: string, attempt: number): Lane {
  return {
    async prepare(batch, way, patient = false) {
      await client.query(patient ? 'begin; set local lock_timeout = 0' : 'begin');
      if (!(await holdJob(client, jobId, attempt))) throw new Superseded(jobId);
      const prepared: Prepared = {
        batch,
        inserted: 0,
        reasons: { ...batch.reasons },
        unclaimed: 0,
        nextWay: 'straight',
      };
      if (batch.direct.count > 0) {
        const straight = way === 'straight' && (await copiedStraight(client, batch));
        if (straight) prepared.inserted += batch.direct.count;
        else await loadStaged(client, prepared);
      }
      if (batch.rejects.count > 0) await loadRejections(client, batch.rejects.copy);
      if (batch.suspects.count > 0) {
        await stageCustomers(client, 'suspect', batch.suspects.copy);
        const { unclaimed, rejected } = await rejectClaimed(client, 'suspect', batch.places);
        prepared.unclaimed = unclaimed;
        countRepeated(prepared, rejected);
      }
      return prepared;
    },

    async finish(prepared) {
      const { batch, unclaimed } = prepared;
      if (unclaimed > 0) {
        const { inserted, rejected } = await insertUnclaimed(client, 'suspect', unclaimed, batch.places);
        prepared.inserted += inserted;
        countRepeated(prepared, rejected);
      }
      checkCounts(prepared);
      const progress = await advance(client, jobId, attempt, {
        success: prepared.inserted,
        reasons: prepared.reasons,
        checkpoint: batch.checkpoint,
      });
      if (!progress) throw new Superseded(jobId);
      await failpoint('before-commit');
      await client.query('commit');
      await failpoint('after-commit');
      return progress;
    },

    async abandon() {
      await client.query('rollback').catch(() => {});
    },

    async close() {
      await client.end().catch(() => {});
    },
  };
}

/** Whether the direct rows could be copied straight into the table; where not, nothing of them is there. */
async function copiedStraight(client: Client, { direct }: Batch): Promise<boolean> {
  await client.query('savepoint straight');
  try {
    await copyCustomers(client, direct.copy);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== '23505') throw error;
    await client.query('rollback to savepoint straight');
    return false;
  }
}

/** The staged way for direct rows. They have no rival in the file, so none of them waits for its turn. */
async function loadStaged(client: Client, prepared: Prepared): Promise<void> {
  const { direct, places } = prepared.batch;
  await stageCustomers(client, 'direct', direct.copy);
  const { unclaimed, rejected } = await rejectClaimed(client, 'direct', places);
  countRepeated(prepared, rejected);
  let inserted = 0;
  if (unclaimed > 0) {
    const late = await insertUnclaimed(client, 'direct', unclaimed, places);
    inserted = late.inserted;
    countRepeated(prepared, late.rejected);
  }
  prepared.inserted += inserted;
  prepared.nextWay = inserted < direct.count ? 'staged' : 'straight';
}

function countRepeated({ reasons }: Prepared, { inFile, inCustomers }: Repeated): void {
  if (inFile > 0) reasons[DUPLICATE_IN_FILE] = (reasons[DUPLICATE_IN_FILE] ?? 0) + inFile;
  if (inCustomers > 0) reasons[ALREADY_IN_CUSTOMERS] = (reasons[ALREADY_IN_CUSTOMERS] ?? 0) + inCustomers;
}

/** A record is in one place or the batch is not committed: somebody may have deleted a winner in between. */
function checkCounts({ batch, inserted, reasons }: Prepared): void {
  const rejected = rowsOf(reasons);
  const records = batch.direct.count + batch.suspects.count + batch.rejects.count;
  if (inserted + rejected === records) return;
  throw new Failure(
    'rows_do_not_add_up',
    `of ${records} records ${inserted} were inserted and ${rejected} rejected: customers was changed meanwhile`,
    { retryable: true },
  );
}
