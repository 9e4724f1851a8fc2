/**
 * For rows that PostgreSQL refused because of a key: finds the row of the file that has it, or that the table had it
 * before.
 */
import type { TargetReason } from '@csvjobs/shared';
import type { RefusedRow } from '../../sql/target/oneByOne.js';
import { STAGE_STEP } from '../../sql/target/stageStep.js';
import { binaryRows, keptRowNumber } from '../keptRecords.js';
import { type EarlierRow, type EarlierRows, forget, pairOf } from '../keys/earlierRows.js';
import { recordsIn, type TargetBatch } from './targetBatch.js';

/** A refused row, by its index among the kept records of the batch. */
export interface RefusedRecord {
  index: number;
  reasons: TargetReason[];
}

type InTable = Extract<TargetReason, { code: 'duplicate_in_table' }>;

/** Finds the kept records of staged rows. */
export function recordsOf({ kept, numbered }: TargetBatch, refused: readonly RefusedRow[]): RefusedRecord[] {
  const binary = numbered ? binaryRows(kept).records : undefined;
  return refused.map(({ row, reasons }) => {
    const before = Math.floor(row / STAGE_STEP);
    const place = row % STAGE_STEP;
    const index = place > 0 ? place - 1 : binary ? binary[before - 1]! : before - 1;
    return { index, reasons };
  });
}

export function isRepeat({ reasons }: RefusedRecord): boolean {
  return reasons[0]!.code === 'duplicate_in_table';
}

/**
 * Names, for each refused row that repeats a key, the row of the file that has it. Call it when all earlier batches are
 * committed and all rows of this one are either inserted or refused. Refused rows lose their keys in the batch.
 * @param keys names of the keys that the batch has hashes of. Another key is only known to be in the table.
 */
export async function nameRepeated(
  { keys, earlier }: { keys: readonly string[]; earlier: EarlierRows | undefined },
  batch: TargetBatch,
  refused: readonly RefusedRecord[],
): Promise<void> {
  if (refused.length === 0) return;
  const { buffer, byteOffset, byteLength } = batch.keys;
  const pairs = new Int32Array(buffer, byteOffset, byteLength / 4);
  const first = batch.checkpoint.rowNumber - recordsIn(batch) + 1;
  const known = { first, pairs, keys: keys.length };
  const repeats = refused.filter(isRepeat).map((record) => {
    const reason = record.reasons[0] as InTable;
    const repeat = {
      rowNumber: keptRowNumber(batch.kept, record.index),
      key: keys.indexOf(reason.params.constraint ?? ''),
    };
    return { record, reason, ...repeat, ...(repeat.key >= 0 ? pairOf(known, repeat) : NO_PAIR) };
  });
  if (earlier) for (const { index } of refused) forget(known, keptRowNumber(batch.kept, index));
  const searched = repeats.filter(({ key }) => key >= 0);
  const found = earlier && searched.length > 0 ? await earlier.find(known, searched) : [];
  const rows = new Map(searched.map(({ record }, at) => [record, found[at]!]));
  for (const { record, reason } of repeats)
    record.reasons = [repeatReason(reason, rows.get(record) ?? 'unknown'), ...record.reasons.slice(1)];
}

const NO_PAIR = { low: 0, high: 0 };

function repeatReason({ column, params }: InTable, row: EarlierRow): TargetReason {
  const { key, constraint, table } = params;
  const named = { key, ...(constraint !== undefined && { constraint }) };
  const blamed = column === undefined ? {} : { column };
  if (typeof row === 'number') return { code: 'duplicate_in_file', ...blamed, params: { row, ...named } };
  const origin = row === 'unknown' ? ({ origin: 'unknown' } as const) : {};
  return { code: 'duplicate_in_table', ...blamed, params: { table, ...named, ...origin } };
}
