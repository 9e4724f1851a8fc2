/** Which way a job is loaded: by that of its table, or by the own one of `customers`, which is the faster where it will do. */
import { hasModeCounts, isCustomerColumn, type Job } from '@csvjobs/shared';
import type { JobInto } from '../sql/jobProgress.js';
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
 * Whether a job for customers takes the way of any other table: the own way of customers knows the columns of every `customers` alone, and
 * that the first with an e-mail stays.
 */
export function needsTargetPath(
  { mode = {} }: Pick<Job, 'mode'>,
  { columns }: Pick<FilePlan, 'columns'>,
): boolean {
  const isFurther = ({ column }: FilePlan['columns'][number]) =>
    !isCustomerColumn(column) && !(ORIGIN_COLUMNS as readonly string[]).includes(column);
  return hasModeCounts(mode) || columns.some(isFurther);
}
