/** The load into `customers`. */
import { isWhole } from '@csvjobs/shared';
import { customersEstimate } from '../sql/customerEmails.js';
import { maySkipForeignKey } from '../sql/lanes.js';
import type { Batch } from './batch.js';
import { createLane } from './lane.js';
import { laneCount, openConnections } from './laneConnections.js';
import { load } from './load.js';
import type { LoadingDependencies, StartLoad, ToLoad } from './loading.js';
import type { BatchesRequest } from './reading.js';

export async function prepareCustomers(deps: LoadingDependencies, what: ToLoad): Promise<StartLoad> {
  const { job, source, checkpoint, totalRows, reading, lanes } = what;
  const remaining = totalRows - checkpoint.rowNumber;
  // Before the lanes, which take the last connection where there is but one.
  const emails = await emailsToExpect(deps, totalRows, remaining);
  const count = laneCount(deps.lanes, deps.limits.batchRows, remaining);
  const connections = await openConnections(deps, job, count, await maySkipForeignKey(deps.pool));
  const shared = {
    jobId: job.id,
    attempt: job.attempt,
    delimiter: source.delimiter,
    dialect: source.dialect,
  };
  const opened = connections.map((each) => createLane(each, shared));
  lanes.push(...opened);
  const whole = isWhole(job.mode ?? {});
  return (options) =>
    load(reading.batches<Batch>({ source, checkpoint, emails }), opened, { ...options, whole });
}

/** Known rows of the table that cost as much to read as one row of the file saves by their being known. */
const KNOWN_PER_ROW = 4;

/**
 * Whether reading should know the e-mails of the table. Without them, rows that are there already fail their batch's
 * straight way; reading them all is worth it unless the table is much larger than what is left of the file.
 */
async function emailsToExpect(
  { pool, connection }: LoadingDependencies,
  totalRows: number,
  remainingRows: number,
): Promise<NonNullable<BatchesRequest['emails']>> {
  const there = await customersEstimate(pool);
  if (there === 0 || there > KNOWN_PER_ROW * remainingRows) return { expected: totalRows, table: undefined };
  return { expected: totalRows + there, table: connection };
}
