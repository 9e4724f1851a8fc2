/** Which failures of a request are worth a retry, and after how long. */
import { UserError } from '../userError.js';
import { networkCode } from './networkError.js';

/** Upper limit for a wait that Retry-After asks for, in milliseconds. */
const LONGEST_WAIT = 10_000;

/** Returns the milliseconds to wait before retrying an upload; undefined if a retry is useless. */
export function retryWait(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof UserError)) return undefined;
  const { retryAfter } = error as UserError & { retryAfter?: number };
  if (['too_many_requests', 'too_many_uploads', 'queue_full', 'unavailable'].includes(error.code))
    return Math.min(retryAfter ?? attempt * 1000, LONGEST_WAIT);
  if (!isBroken(error)) return undefined;
  // Nothing listened at the first attempt: report it at once. Later it may be a restart.
  if (attempt === 1 && networkCode(error.cause) === 'ECONNREFUSED') return undefined;
  return Math.min(attempt * 500, LONGEST_WAIT / 2);
}

/** Whether the connection broke or could not be made, also that of a proxy to the daemon (502, 503, 504). */
export function isBroken(error: unknown): error is UserError {
  if (!(error instanceof UserError) || error.code !== 'daemon_unreachable') return false;
  return networkCode(error.cause) !== 'ENOTFOUND';
}
