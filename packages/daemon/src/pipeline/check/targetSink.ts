/** Takes the records of a file for any table where no batch is made: what is rejected is handed on, a few records at a time. */
import { type Rejection, shownReason, type TargetReason } from '@csvjobs/shared';
import { createRowReader, type RowReader } from '../../rows/rowReader.js';
import { shownText } from '../batch/shown.js';
import type { TargetHeader } from '../header.js';
import type { Sink } from '../sink.js';
import { rawRow, refusedFor } from '../target/targetReject.js';
import { HeldRejections } from './heldRejections.js';
import type { ValueAt } from './repeatedKeys.js';

/** @param duplicateOf asked of each record without faults: why it is a duplicate, where it is one */
export function checkTargetSink(
  duplicateOf: (value: ValueAt, rowNumber: number) => TargetReason | undefined,
): Sink<Rejection[], TargetHeader> {
  let columns: TargetHeader['plan']['columns'];
  let rows: RowReader;
  const held = new HeldRejections();

  return {
    get full() {
      return held.full;
    },
    get empty() {
      return held.empty;
    },
    begin({ plan }) {
      columns = plan.columns;
      rows = createRowReader(plan);
    },
    isSound: (fields) => rows.judge(fields).faults === undefined,
    add(rowNumber, line, fields) {
      let faults: TargetReason[] | undefined;
      if (rows.write(fields)) rows.clear();
      else faults = rows.judge(fields).faults;
      const duplicate = faults ? undefined : duplicateOf((at) => rows.value(fields, at), rowNumber);
      const reasons = faults ?? (duplicate && [duplicate]);
      if (!reasons) return true;
      const { code, ...reject } = refusedFor(reasons, { rowNumber, line });
      const row = rawRow(columns, fields);
      held.add({ ...reject, row, code: reasons[0]!.code, reasons: reasons.map(shownReason) });
      return faults === undefined;
    },
    reject: (reject, fields, raw) =>
      held.add({ ...reject, row: { ...(fields && rawRow(columns, fields)), raw: shownText(raw) } }),
    take: () => held.take(),
  };
}
