/** Texts about a held job: until when it is held, what happens to its rows, and the commands that answer. */
import type { ChangedRow, Held, Job, ModeCounts, ShownRow } from '@csvjobs/shared';
import { ownValue, utcMinute } from '@csvjobs/shared/rules';
import { clean, count } from './text.js';

type Shown = Pick<Job, 'id' | 'status' | 'held'>;

/** `csvjobs accept 3f2a9c1e`, `csvjobs discard 3f2a9c1e`; undefined if the job is not held, or has an answer. */
export function answerCommands({ id, status, held }: Shown): { accept: string; discard: string } | undefined {
  if (status !== 'held' || held?.answer !== undefined) return undefined;
  return { accept: `csvjobs accept ${id}`, discard: `csvjobs discard ${id}` };
}

/** `until 2026-11-26 15:04 UTC; then it is rolled back`, or `accepted by ci at 2026-11-26 14:50 UTC` */
export function heldText({ until, answer, answeredBy, answeredAt }: Held): string {
  if (answer === undefined) return `until ${utcMinute(until)}; then it is rolled back`;
  return `${answer} by ${clean(answeredBy ?? '')}${answeredAt === undefined ? '' : ` at ${utcMinute(answeredAt)}`}`;
}

/** A held job: some of its rows, and the counts of all. */
interface ChangedRows {
  held: Pick<Held, 'rows'>;
  successCount: number;
  counts?: ModeCounts | undefined;
}

/**
 * A line for each row that a held job changes: `~ sku a1: price 5.00 → 6.00` or `+ sku a3, price 9.00`. At most `most` rows, and how
 * many more there are: the daemon sends only the first ones.
 */
export function changedLines(
  { held: { rows }, successCount, counts }: ChangedRows,
  most: number = rows.length,
): string[] {
  const first = rows.slice(0, most).map(changedLine);
  const more = (counts ? counts.inserted + counts.updated : successCount) - first.length;
  return first.length > 0 && more > 0 ? [...first, `… and ${count(more)} more`] : first;
}

/**
 * A line for each row that a replacement removes: `- sku a9, price 3.00`. At most `most` rows, and how many more there
 * are.
 */
export function removedLines(
  {
    removedRows = [],
    counts,
  }: Pick<Job, 'removedRows'> & { counts?: Pick<ModeCounts, 'removed'> | undefined },
  most: number = removedRows.length,
): string[] {
  const first = removedRows.slice(0, most).map((row) => `- ${rowText(row)}`);
  const more = (counts?.removed ?? removedRows.length) - first.length;
  return first.length > 0 && more > 0 ? [...first, `… and ${count(more)} more removed`] : first;
}

function rowText(row: ShownRow): string {
  return Object.keys(row)
    .map((name) => `${clean(name)} ${shown(ownValue(row, name))}`)
    .join(', ');
}

function changedLine({ old, new: now }: ChangedRow): string {
  const names = Object.keys(now);
  if (old === null) return `+ ${rowText(now)}`;
  const same = names.find((name) => ownValue(old, name) === ownValue(now, name));
  const changes = names
    .filter((name) => ownValue(old, name) !== ownValue(now, name))
    .map((name) => `${clean(name)} ${shown(ownValue(old, name))} → ${shown(ownValue(now, name))}`);
  return `~ ${same === undefined ? '' : `${clean(same)} ${shown(ownValue(now, same))}: `}${changes.join(', ')}`;
}

function shown(value: string | null | undefined): string {
  if (value === null || value === undefined) return 'null';
  return value === '' ? '""' : clean(value);
}
