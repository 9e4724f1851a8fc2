/** Builds a rejected record of a table other than customers for job_errors. Only this file does. */
import type { TargetReason } from '@csvjobs/shared';
import { byName, headingOf, reasonIn, sentenceOf } from '@csvjobs/shared/reading';
import { alternativesOf } from '../../rows/alternatives.js';
import type { ColumnFrom, PlanColumn } from '../../rows/planColumn.js';
import type { ReportRows } from '../batch/reportRows.js';
import type { Fields } from '../parse/fields.js';
import type { SoundRecord } from '../parse.js';
import type { Reject } from '../sink.js';

export interface TargetReject extends Omit<Reject, 'reasons'> {
  /**
   * Everything wrong with it; undefined for customers, and for a record that cannot be cut into the header's fields.
   */
  reasons: readonly TargetReason[] | undefined;
  /** Writes its values by column name, as a JSON field. */
  row: (into: ReportRows) => void;
  /** The record as it is in the file. */
  original: Original;
}

/** How a refusal is worded, without the record's values. */
export type RefusalWords = Omit<TargetReject, 'original' | 'row'>;

/** Where the text of a record is. */
export type Original = Pick<SoundRecord, 'bytes' | 'start' | 'end'>;

/** Builds a reject from one or more reasons: its code and column are those of the first. */
export function refusedFor(
  reasons: readonly TargetReason[],
  { rowNumber, line }: { rowNumber: number; line: number },
): RefusalWords {
  const [first] = reasons as [TargetReason];
  const message = reasons.map(sentenceOf).join('; ');
  return { rowNumber, line, column: first.column ?? null, code: first.code, message, reasons };
}

/** Returns a record's values by the names of the columns they are for, as they are in the file. */
export function rawRow(columns: readonly PlanColumn[], fields: Fields): Record<string, string> {
  const row = byName<string>();
  for (const { column, from, lookup } of columns) {
    if (from.kind === 'constant') continue;
    const text = rawText(from, fields);
    if (text === undefined) continue;
    if (lookup === undefined) row[column] = text;
    else row[lookup] = [row[lookup] ?? '', text].filter((part) => part !== '').join(' ');
  }
  return row;
}

/**
 * Returns the text that fills a column, joined if it comes from several fields; undefined if the record lacks them all.
 */
function rawText(from: Exclude<ColumnFrom, { kind: 'constant' }>, fields: Fields): string | undefined {
  const text = (position: number) => (position < fields.count ? [fields.text(position)] : []);
  if (from.kind === 'field') return text(from.position)[0];
  const alternatives = alternativesOf(from).map(({ positions }) => positions.flatMap(text));
  if (alternatives.every((texts) => texts.length === 0)) return undefined;
  const given = alternatives.map((texts) => texts.filter((each) => each.trim() !== ''));
  return given.find((texts) => texts.length > 0)?.join(' ') ?? '';
}

/** Writes a row for loadRejections, and counts the record under the heading of its first reason. */
export function writeReject(
  into: ReportRows,
  counts: Record<string, number>,
  { rowNumber, line, column, code, message, reasons, row, original }: TargetReject,
): void {
  into.begin(rowNumber, line);
  for (const text of [column, code, message]) into.text(text);
  row(into);
  into.json(reasons === undefined ? null : JSON.stringify(reasons));
  into.bytea(original.bytes, original.start, original.end);
  into.end();
  const heading = reasons === undefined ? reasonIn(message) : headingOf(reasons[0]!);
  counts[heading] = (counts[heading] ?? 0) + 1;
}
