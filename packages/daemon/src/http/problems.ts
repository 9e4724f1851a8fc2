/** The one map from what was thrown to what is answered. */
import { PROBLEMS, type ProblemCode } from '@csvjobs/shared';
import { asFailure, Failure } from '../failure.js';

/** A refusal of a request: `code` decides the status, `detail` says what, why and what to do next. */
export function refuse(code: ProblemCode, detail: string, cause?: unknown): Failure {
  return new Failure(code, detail, { cause });
}

/** A refusal that says when to come back, in seconds. */
export class ComeBack extends Failure {
  constructor(
    code: ProblemCode,
    detail: string,
    readonly seconds: number,
  ) {
    super(code, detail);
  }
}

/** As `refuse`, for what passes by waiting: Retry-After says how long. */
export function refuseUntil(code: ProblemCode, detail: string, seconds: number): Failure {
  return new ComeBack(code, detail, Math.max(1, Math.ceil(seconds)));
}

export interface Answer {
  code: ProblemCode;
  detail: string;
  /** Words for the command line (see Failure). */
  options?: string[];
  /** Headers that belong to it. */
  headers: Record<string, string>;
  /** Whether it is the daemon's own fault: logged with its stack, and not explained to the client. */
  mistake: boolean;
}

/** In seconds: when to come back after a 503. */
export const RETRY_AFTER = '2';

/** What to answer to an error. Whatever may pass by itself (PostgreSQL away, say) is 503; the unforeseen is 500. */
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
  if (failure.retryable) {
    const detail = 'a part that the daemon needs does not answer; nothing was changed, try again in a moment';
    return { code: 'unavailable', detail, headers: { 'Retry-After': RETRY_AFTER }, mistake: false };
  }
  const detail = 'the daemon could not answer because of a mistake of its own; its log has the reason';
  return { code: 'internal', detail, headers, mistake: true };
}

function headersOf(failure: Failure): Record<string, string> {
  if (failure instanceof ComeBack) return { 'Retry-After': String(failure.seconds) };
  if (failure.code === 'unauthorised') return { 'WWW-Authenticate': 'Bearer realm="csvjobs"' };
  const status = isProblemCode(failure.code) ? PROBLEMS[failure.code].status : 500;
  return status === 503 ? { 'Retry-After': RETRY_AFTER } : {};
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}
