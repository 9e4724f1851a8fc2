/** The reasons why rows of a job were rejected, as the job itself tells them. */
import type { Job, ReasonCount } from '@csvjobs/shared';
import { reasonCounts, reasonIn } from '@csvjobs/shared/reason';

export interface Reasons {
  /** Most frequent first. */
  counts: readonly ReasonCount[];
  /** The counts are those of so many first rejects; undefined where they are those of all. */
  ofFirst: number | undefined;
}

export const NO_REASONS: Reasons = { counts: [], ofFirst: undefined };

/** Those of all rejects, or of the first ones where the daemon has not counted them all (an older one). */
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

/** What to do about the most frequent reason; undefined where the daemon does not say. */
export function firstAdvice({ counts: [first] }: Reasons): string | undefined {
  return first?.advice;
}

/** The first so many reasons, and what is left of them. */
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
