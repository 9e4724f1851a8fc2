/** A report in short: how many rows for each reason, and the first of each. */
import { type ReportRow, reportRows } from './reportRows.js';

export interface Reason {
  message: string;
  count: number;
  first: ReportRow[];
}

export interface Digest {
  total: number;
  /** Most frequent first. */
  reasons: Reason[];
}

/** So many rows of a reason are kept. */
export const FIRST_KEPT = 10;

/** So many reasons are kept apart, should messages carry values; what comes later counts as one. */
const REASONS_KEPT = 100;
const OTHERS = 'other reasons';

/** Counts a report's rows by reason; memory is bounded by the two limits above. */
export async function digest(report: AsyncIterable<Uint8Array>): Promise<Digest> {
  const reasons = new Map<string, Reason>();
  let total = 0;
  for await (const row of reportRows(report)) {
    total += 1;
    const message = reasons.has(row.error) || reasons.size < REASONS_KEPT ? row.error : OTHERS;
    const reason = reasons.get(message) ?? { message, count: 0, first: [] };
    reasons.set(message, reason);
    reason.count += 1;
    if (reason.first.length < FIRST_KEPT) reason.first.push(row);
  }
  return { total, reasons: [...reasons.values()].sort((a, b) => b.count - a.count) };
}
