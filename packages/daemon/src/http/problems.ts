/** The only place that maps errors to answers. */
import { PROBLEMS, type ProblemCode } from '@csvjobs/shared';
import { asFailure, Failure, refusesDaemon } from '../failure.js';

/** Refuses a request: `code` decides the status, `detail` says what happened, why, and what to do next. */
export function refuse(code: ProblemCode, detail: string, cause?: unknown): Failure {
  return new Failure(code, detail, { cause });
}

/** A refusal with the time to retry after, in seconds. */
export class RetryLater extends Failure {
  constructor(
    code: ProblemCode,
    detail: string,
    readonly seconds: number,
  ) {
    super(code, detail);
  }
}

/** Like `refuse`, for temporary conditions: Retry-After says how long to wait. */
export function refuseWithRetryAfter(code: ProblemCode, detail: string, seconds: number): Failure {
  return new RetryLater(code, detail, Math.max(1, Math.ceil(seconds)));
}

export interface Answer {
  code: ProblemCode;
  detail: string;
  /** Words for the command line (see Failure). */
  options?: string[];
  /** Headers of the answer. */
  headers: Record<string, string>;
  /** Whether the daemon itself is at fault: logged with its stack, and not explained to the client. */
  mistake: boolean;
}

/** When to retry after a 503, in seconds. */
export const RETRY_AFTER = '2';

/**
 * Returns the answer to an error. Temporary conditions (PostgreSQL unavailable, say) are 503; unexpected
 * errors are 500.
 */
export function answerTo(error: unknown): Answer {
  const failure = asFailure(error);
  const headers = headersOf(failure);
  if (isProblemCode(failure.code))
    return {
      code: failure.code,
      detail: failure.message,
      ...(failure.options && { options: [...failure.options] }),
      headers,
      mistake: false,
    };
  if (failure.retryable || isHidden(failure)) {
    const detail =
      refusesDaemon(failure.code) || isHidden(failure)
        ? `PostgreSQL refuses the daemon${lacked(failure)}; the operator finds the reason with csvjobs doctor; nothing was changed`
        : 'a service that the daemon needs does not respond; nothing was changed, try again shortly';
    return { code: 'unavailable', detail, headers: { 'Retry-After': RETRY_AFTER }, mistake: false };
  }
  const detail = 'a bug in the daemon; its log has the cause';
  return { code: 'internal', detail, headers, mistake: true };
}

/** Without USAGE on their schema, PostgreSQL does not find our tables (undefined_table). Those of a job are checked before. */
function isHidden({ cause }: Failure): boolean {
  return (cause as { code?: unknown } | undefined)?.code === '42P01';
}

/** PostgreSQL's words for what the role lacks, such as `permission denied for table jobs`. */
function lacked(failure: Failure): string {
  const { cause } = failure;
  const isNamed = failure.code === 'database_rights' || isHidden(failure);
  return isNamed && cause instanceof Error ? `: ${cause.message}` : '';
}

function headersOf(failure: Failure): Record<string, string> {
  if (failure instanceof RetryLater) return { 'Retry-After': String(failure.seconds) };
  if (failure.code === 'unauthorised') return { 'WWW-Authenticate': 'Bearer realm="csvjobs"' };
  const status = isProblemCode(failure.code) ? PROBLEMS[failure.code].status : 500;
  return status === 503 ? { 'Retry-After': RETRY_AFTER } : {};
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}
