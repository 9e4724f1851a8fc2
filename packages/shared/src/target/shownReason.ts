import { adviceOf } from './advice.js';
import { headingOf, sentenceOf, type TargetReason, type TargetReasonCode } from './reasons.js';

/** A reason as the API shows it: its sentence, and separately the parts that a program may need. */
export interface ShownReason {
  /** The first column to blame, or null. */
  column: string | null;
  code: TargetReasonCode;
  message: string;
  /** Result of `headingOf`, by which jobs count reasons. */
  heading: string;
  /** Result of `adviceOf`: what to do about the reason. */
  advice: string;
  value?: string;
  constraint?: string;
  sqlstate?: string;
}

/** Converts a reason for the API. */
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
