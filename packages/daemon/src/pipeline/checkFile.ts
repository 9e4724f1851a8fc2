/**
 * Reports what a load of a file would reject, by the rules of the load itself but without a database: first the gate
 * that an upload passes, then the survey of its job, then the records. The last event names what only the database can
 * judge; all other messages are those of the load.
 */
import type { CheckEvent, Rejection } from '@csvjobs/shared';
import { asFailure, Failure } from '../failure.js';
import { admit } from '../intake/gate.js';
import { localFile } from '../intake/offeredFile.js';
import { checkAnyTable } from './check/anyTable.js';
import type { CheckEnd } from './check/checkEnd.js';
import { checkCustomers } from './check/customers.js';
import { checkCustomersTarget } from './check/customersTarget.js';
import { customersHeader, headerRuleFor, targetHeader } from './headerRule.js';
import { missingRights } from './missingRights.js';
import type { ReadTask, Survey } from './reading.js';
import { surveyBy } from './surveyFile.js';

export interface CheckTask extends Omit<ReadTask, 'jobId' | 'emailsPath' | 'input'> {
  /** A file on this machine. */
  path: string;
  maxUploadBytes: number;
  /**
   * Maximum number of repeated keys to remember, for a table other than customers; default: the bound of RepeatedTexts.
   */
  mostKeys?: number;
  /** Number of records to check, from the first one (default: all). */
  first?: number | undefined;
}

/**
 * Yields what a load of the file would report, in the order of checkEventSchema. Holds a few rejects at a time
 * (HeldRejections).
 * @throws errors of the file system, and {Failure} `check_too_large`
 */
export async function* checkFile(task: CheckTask): AsyncGenerator<CheckEvent> {
  const { path, overrides, limits, maxUploadBytes, into } = task;
  const refused = await failureOf(async () => {
    const file = await localFile(path, overrides);
    const header = await admit(file, { ...limits, maxUploadBytes }, headerRuleFor(into));
    const lacked = missingRights(into, header);
    if (lacked !== undefined) throw new Failure('table_no_rights', lacked);
  });
  if (refused.failure) {
    const { code, message, options } = refused.failure;
    return yield { type: 'refused', code, message, ...(options && { options: [...options] }) };
  }
  const surveyed = await failureOf(() => survey(task));
  if (surveyed.failure) {
    const { code, message, options } = surveyed.failure;
    return yield { type: 'failed', code, message, ...(options && { options: [...options] }) };
  }
  const { totalRows, source, notices, rejections } = surveyed.value;
  yield { type: 'read', totalRows, source, notices };
  let failedCount = 0;
  while (true) {
    const { value, done } = await rejections.next();
    if (done) {
      const successCount = totalRows - failedCount;
      return yield { type: 'checked', totalRows, successCount, failedCount, ...value };
    }
    failedCount += value.length;
    for (const rejection of value) yield { type: 'rejected', ...rejection };
  }
}

interface Surveyed extends Survey {
  rejections: AsyncGenerator<Rejection[], CheckEnd>;
}

async function survey(task: CheckTask): Promise<Surveyed> {
  const { into, path } = task;
  const input = { kind: 'file', path } as const;
  if (!into?.target) {
    const customers = customersHeader(into?.spec);
    const file = await surveyBy(customers, { ...task, input });
    return { ...file, rejections: checkCustomers(task, file, customers) };
  }
  const rule = targetHeader(into);
  const file = await surveyBy(rule, { ...task, input });
  // If the gate was not certain of the header, only the job is refused.
  const lacked = missingRights(into, file.header);
  if (lacked !== undefined) throw new Failure('target_denied', lacked);
  if (into.customers) return { ...file, rejections: checkCustomersTarget(task, into.target, rule, file) };
  return { ...file, rejections: checkAnyTable(task, into.target, rule, file, task.mostKeys) };
}

type Tried<T> = { failure: Failure; value?: undefined } | { failure?: undefined; value: T };

/** Returns a Failure if it is the file's fault; rethrows any other error. */
async function failureOf<T>(work: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.retryable || failure.code === 'unexpected') throw error;
    return { failure };
  }
}
