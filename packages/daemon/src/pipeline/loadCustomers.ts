/** Loads into `customers`. */
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
  // Before the lanes, which take the last connection if there is only one.
  const emails = await emailsToExpect(deps, totalRows, remaining);
  const count = laneCount(deps.lanes, deps.limits.batchRows, remaining);
  const maySkip = await maySkipForeignKey(deps.pool);
  const batches = () => reading.batches<Batch>({ source, checkpoint, emails });
  // Made while the lanes connect, unless the reading thread needs a connection too.
  const first = emails.table ? undefined : batches();
  const connections = await openConnections(deps, job, count, maySkip);
  const shared = {
    jobId: job.id,
    attempt: job.attempt,
    delimiter: source.delimiter,
    dialect: source.dialect,
  };
  const opened = connections.map((each) => createLane(each, shared));
  lanes.push(...opened);
  const whole = isWhole(job.mode ?? {});
  return (options) => load(first ?? batches(), opened, { ...options, whole });
}

/**
 * Reading this many e-mails of the table costs as much as knowing the table's e-mails saves for one row of the file.
 */
const KNOWN_PER_ROW = 4;

/**
 * Decides whether the reading thread should know the table's e-mails. Without them, a row that already exists makes the
 * direct copy of its batch fail. Reading them all is worth it unless the table is much larger than the rest of the
 * file.
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
