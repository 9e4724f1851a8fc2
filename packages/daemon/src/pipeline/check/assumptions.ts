/** Counts what a check assumes about values. */
import { assumedNotices } from '@csvjobs/shared';
import type { CheckEnd } from './checkEnd.js';

export interface Assumptions {
  add(sentence: string): void;
  /** Returns the notices, for the end of the check. */
  end(): Pick<CheckEnd, 'notices'>;
}

export function countAssumptions(): Assumptions {
  const counts: Record<string, number> = {};
  return {
    add(sentence) {
      counts[sentence] = (counts[sentence] ?? 0) + 1;
    },
    end() {
      const notices = assumedNotices(counts);
      return notices.length > 0 ? { notices } : {};
    },
  };
}
