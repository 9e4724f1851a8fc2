/** The reasons why rows of a job were rejected, from the job itself. */
import type { Job, ReasonCount } from '@csvjobs/shared';
import { reasonCounts, reasonIn } from '@csvjobs/shared/reason';

export interface Reasons {
  /** Most frequent first. */
  counts: readonly ReasonCount[];
  /** The counts cover only this many first rejects; undefined if they cover all. */
  ofFirst: number | undefined;
}

export const NO_REASONS: Reasons = { counts: [], ofFirst: undefined };

/** Returns the reasons of all rejects, or of the first ones if the daemon (an older one) has not counted all. */
export function reasonsOf({
  reasons,
  errors,
  failedCount,
}: Pick<Job, 'reasons' | 'errors' | 'failedCount'>): Reasons {
  if (reasons) return { counts: reasons, ofFirst: undefined };
  const counts: Record<string, number> = {};
  for (const { message } of errors) counts[reasonIn(message)] = (counts[reasonIn(message)] ?? 0) + 1;
  return {
    counts: reasonCounts(counts),
    ofFirst: failedCount > errors.length ? errors.length : undefined,
  };
}

/** What to do about the most frequent reason; undefined if the daemon does not say. */
export function firstAdvice({ counts: [first] }: Reasons): string | undefined {
  return first?.advice;
}

/** Returns the first `shown` reasons, and the totals of the others. */
export function worstReasons(
  { counts }: Reasons,
  shown: number,
): { worst: readonly ReasonCount[]; others: { reasons: number; rows: number } } {
  const others = counts.slice(shown);
  return {
    worst: counts.slice(0, shown),
    others: { reasons: others.length, rows: others.reduce((sum, { rows }) => sum + rows, 0) },
  };
}
