/** Chooses how to load a job: as for any table, or, if possible, by the faster path that only `customers` has. */
import { hasModeCounts, isCustomerColumn, type Job } from '@csvjobs/shared';
import type { JobInto } from '../sql/jobTarget.js';
import { ORIGIN_COLUMNS } from './customers/origin.js';
import { prepareCustomers } from './loadCustomers.js';
import type { LoadingDependencies, StartLoad, ToLoad } from './loading.js';
import type { FilePlan } from './reading.js';
import { prepareTarget } from './target/loadTarget.js';

/** @throws as `prepareTarget` does */
export async function prepareLoad(
  deps: LoadingDependencies,
  into: JobInto,
  what: ToLoad,
): Promise<StartLoad> {
  if (!into?.target) return prepareCustomers(deps, what);
  if (into.customers && !needsTargetPath(what.job, await what.reading.plan(what.source)))
    return prepareCustomers(deps, what);
  return prepareTarget(deps, into, what);
}

/**
 * Whether a job for customers needs the path for any table. The faster path knows only the columns that every
 * `customers` has, and only one mode: the first customer with an e-mail stays.
 */
export function needsTargetPath(
  { mode = {} }: Pick<Job, 'mode'>,
  { columns }: Pick<FilePlan, 'columns'>,
): boolean {
  const isFurther = ({ column }: FilePlan['columns'][number]) =>
    !isCustomerColumn(column) && !(ORIGIN_COLUMNS as readonly string[]).includes(column);
  return hasModeCounts(mode) || columns.some(isFurther);
}
