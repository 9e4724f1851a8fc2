/** Which errors end an upload in pieces, and which leave its bytes with the daemon, for a later request or process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../userError.js';
import type { Connection } from '../connection.js';
import { retryWait } from '../tryAgain.js';

/** Minimum time without an acknowledged byte before giving up, in milliseconds. The next run continues the upload. */
const LEAST_PATIENCE = 15_000;

/** Temporary refusals; the upload then continues where the daemon says. */
const PASSING = new Set([
  'upload_locked',
  'upload_offset_conflict',
  'upload_truncated',
  'request_timeout',
  'upload_too_slow',
]);

/**
 * Answers that say nothing about the upload: the token, a proxy, the daemon, or another job is the cause. The daemon still has the bytes, so
 * the next run continues.
 */
const UNJUDGED = new Set([
  'unauthorised',
  'forbidden',
  'host_not_allowed',
  'too_many_held',
  'answer_not_understood',
  'daemon_unreachable',
  'internal',
]);

export function isUnjudged({ code }: UserError): boolean {
  return UNJUDGED.has(code);
}

/**
 * Whether the same request may succeed in a moment.
 * @param attempt 1 if no request was made before: if nothing listens then, no daemon is restarting
 */
export function isPassing(error: UserError, attempt = 2): boolean {
  return PASSING.has(error.code) || retryWait(error, attempt) !== undefined;
}

/** How long to wait before the next attempt, in milliseconds. */
export function waitFor(error: UserError, attempt: number): number {
  return retryWait(error, attempt) ?? (error as { retryAfter?: number }).retryAfter ?? 500;
}

/** How long an upload waits for an acknowledged byte, in milliseconds. */
export const patienceOf = ({ patience }: Connection) => Math.max(LEAST_PATIENCE, patience);

/** Waits; throws the signal's reason if the connection is aborted. */
export async function pause({ signal }: Connection, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {
    throw signal.reason;
  });
}

/** The error of an upload that can be continued. */
export function continuable({ code, exitCode, message, why, cause }: UserError): UserError {
  return new UserError({
    ...{ code, exitCode, what: message, why, cause },
    next: 'run the same command again: it continues where it broke',
  });
}
