/** A summary of a report: the number of rows for each reason, and the first rows of each. */
import type { ReasonCount, Rejection } from '@csvjobs/shared';
import { reasonIn } from '@csvjobs/shared/reason';

export interface Reason extends ReasonCount {
  first: Rejection[];
}

export interface Digest {
  total: number;
  /** Most frequent first. */
  reasons: Reason[];
}

/** Number of rows kept per reason. */
export const FIRST_KEPT = 10;

/** Maximum number of separate reasons, in case a daemon of another version sends more; the rest count as one. */
const REASONS_KEPT = 100;
const OTHERS = 'other reasons';

/** Counts rejected rows by reason; memory is bounded by the two limits above. */
export async function digest(rejections: AsyncIterable<Rejection>): Promise<Digest> {
  const { add, result } = digester();
  for await (const rejection of rejections) add(rejection);
  return result();
}

/** As the job counts it: the first reason without its value, or what the message has in common with others. */
function reasonOfRow({ reasons, message }: Rejection): string {
  return reasons?.[0]?.heading ?? reasonIn(message);
}

/** Like `digest`, but takes the rows one by one. */
export function digester(): { add(rejection: Rejection): void; result(): Digest } {
  const reasons = new Map<string, Reason>();
  let total = 0;
  return {
    add(rejection) {
      total += 1;
      const found = reasonOfRow(rejection);
      const message = reasons.has(found) || reasons.size < REASONS_KEPT ? found : OTHERS;
      const advice = message === OTHERS ? undefined : rejection.reasons?.[0]?.advice;
      const reason = reasons.get(message) ?? { message, rows: 0, first: [], ...(advice && { advice }) };
      reasons.set(message, reason);
      reason.rows += 1;
      if (reason.first.length < FIRST_KEPT) reason.first.push(rejection);
    },
    result: () => ({ total, reasons: [...reasons.values()].sort((a, b) => b.rows - a.rows) }),
  };
}
