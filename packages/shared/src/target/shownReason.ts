import { adviceOf } from './advice.js';
import { headingOf, sentenceOf, type TargetReason, type TargetReasonCode } from './reasons.js';

/** A reason as the API shows it: its sentence, and apart from it what a program may want to look at. */
export interface ShownReason {
  /** The first column to blame, or null. */
  column: string | null;
  code: TargetReasonCode;
  message: string;
  /** `headingOf`, by which jobs count it. */
  heading: string;
  /** `adviceOf`: what to do about it. */
  advice: string;
  value?: string;
  constraint?: string;
  sqlstate?: string;
}

/** A reason for the API. */
export function shownReason(reason: TargetReason): ShownReason {
  const { value, constraint, sqlstate } = reason.params as Partial<Record<string, string | null>>;
  return {
    column: reason.column ?? null,
    code: reason.code,
    message: sentenceOf(reason),
    heading: headingOf(reason),
    advice: adviceOf(reason),
    ...(typeof value === 'string' && { value }),
    ...(typeof constraint === 'string' && { constraint }),
    ...(typeof sqlstate === 'string' && { sqlstate }),
  };
}
