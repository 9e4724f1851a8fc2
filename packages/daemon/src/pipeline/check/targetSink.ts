/** Takes the records of a file for any table when no batches are made: passes on rejected records, a few at a time. */
import { type Rejection, shownReason, type TargetReason } from '@csvjobs/shared';
import { shownText } from '../batch/shown.js';
import { createRecordReader, type RecordReader } from '../customers/recordReader.js';
import type { TargetHeader } from '../header.js';
import type { Sink } from '../sink.js';
import { HeldRejections } from './heldRejections.js';
import type { ValueAt } from './repeatedKeys.js';

/**
 * @param duplicateOf called for each record without faults: returns why it is a duplicate, if it is one
 * @param emailKey for customers: the key that identifies a customer
 * @param assume called with each assumption about values
 */
export function checkTargetSink(
  duplicateOf: (value: ValueAt, rowNumber: number) => TargetReason | undefined,
  emailKey?: string,
  assume: (sentence: string) => void = () => {},
): Sink<Rejection[], TargetHeader> {
  let rows: RecordReader;
  const held = new HeldRejections();

  return {
    get full() {
      return held.full;
    },
    get empty() {
      return held.empty;
    },
    begin(header) {
      rows = createRecordReader(header, emailKey);
    },
    isSound: (fields) => rows.judge(fields).faults === undefined,
    add(rowNumber, line, fields) {
      let faults: TargetReason[] | undefined;
      if (rows.write(fields)) rows.clear();
      else faults = rows.judge(fields).faults;
      const duplicate = faults ? undefined : duplicateOf((at) => rows.value(fields, at), rowNumber);
      const reasons = faults ?? (duplicate && [duplicate]);
      if (!faults) for (const sentence of rows.assumed) assume(sentence);
      if (!reasons) return true;
      const { reasons: said, ...reject } = rows.refused(reasons, { rowNumber, line });
      held.add({ ...reject, row: rows.shown(fields), ...(said && { reasons: said.map(shownReason) }) });
      return faults === undefined;
    },
    reject: (reject, fields, raw) =>
      held.add({ ...reject, row: { ...(fields && rows.shown(fields)), raw: shownText(raw) } }),
    take: () => held.take(),
  };
}
