/** How a job of the peer runs, and its rejects. */
import { type Job, type ReasonCount, reasonCounts } from '@csvjobs/shared';

export interface Plan {
  rows: number;
  bad: number;
  /** Events between start and end. */
  steps: number;
  /** Milliseconds between events. */
  stepTime: number;
  end: 'completed' | 'failed' | 'cancelled';
  /** Why it failed, if it does. */
  failure: NonNullable<Job['failure']>;
  /** What the daemon finds in the file. */
  notices: string[];
  /** Whether the daemon counts rejects by reason; older ones did not. */
  reasons: boolean;
  /** At this step the job pauses until `release`. */
  holdAt?: number;
}

export const DEFAULT_PLAN: Plan = {
  rows: 1000,
  bad: 0,
  steps: 5,
  stepTime: 5,
  end: 'completed',
  failure: { code: 'internal', message: 'the disk is full' },
  notices: [],
  reasons: true,
};

/** The reasons for the rejects of a plan, in turn. */
const PLANNED_REASONS = [
  'company is required',
  'email is not a valid address',
  'email is not a valid address',
] as const;

/** What a job reports for this many rejects. */
export function plannedRejects(failedCount: number, plan: Plan): Pick<Job, 'errors' | 'reasons'> {
  const errors = Array.from({ length: Math.min(failedCount, 100) }, (_, index) => ({
    rowNumber: index * 7 + 3,
    message: PLANNED_REASONS[index % 3]!,
    row: { name: `Name ${index}`, email: 'nobody', phone: '', company: 'ACME' },
  }));
  return plan.reasons ? { errors, reasons: plannedReasons(failedCount) } : { errors };
}

function plannedReasons(failedCount: number): ReasonCount[] {
  const counts: Record<string, number> = {};
  for (let index = 0; index < failedCount; index += 1) {
    const reason = PLANNED_REASONS[index % 3]!;
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return reasonCounts(counts);
}
