/** Which failures of a request pass by waiting, and how long. */
import { UserError } from '../userError.js';
import { networkCode } from './networkError.js';

/** Longest wait that a Retry-After is obeyed for, milliseconds. */
const LONGEST_WAIT = 10_000;

/** Milliseconds to wait before an upload is tried again; undefined when trying again is of no use. */
export function retryWait(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof UserError)) return undefined;
  const { retryAfter } = error as UserError & { retryAfter?: number };
  if (['too_many_requests', 'too_many_uploads', 'queue_full', 'unavailable'].includes(error.code))
    return Math.min(retryAfter ?? attempt * 1000, LONGEST_WAIT);
  if (!isBroken(error)) return undefined;
  // Nothing listened at the first try: a person is told at once. Later it may be a restart.
  if (attempt === 1 && networkCode(error.cause) === 'ECONNREFUSED') return undefined;
  return Math.min(attempt * 500, LONGEST_WAIT / 2);
}

/** Whether it was the connection that broke, or could not be had. */
export function isBroken(error: unknown): error is UserError {
  if (!(error instanceof UserError) || error.code !== 'daemon_unreachable') return false;
  const network = networkCode(error.cause);
  return network !== undefined && network !== 'ENOTFOUND';
}
