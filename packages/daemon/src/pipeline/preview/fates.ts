/** Determines what becomes of the records of a preview, one after another, within its transaction. */
import {
  type Preview,
  type PreviewedRecord,
  RECORD_FATES,
  type RecordFate,
  type Rejection,
} from '@csvjobs/shared';
import type { JobTarget } from '../../sql/jobTarget.js';
import type { Client } from '../../sql/pool.js';
import {
  findStored,
  generatedColumns,
  readRowText,
  scanForStored,
  type Values,
} from '../../sql/preview/storedRow.js';
import { takeTraces } from '../../sql/preview/traces.js';
import type { FilePlan } from '../reading.js';
import type { TargetBatch } from '../target/targetBatch.js';
import type { ReadRecord } from './readRecord.js';

interface FatesOptions {
  jobId: string;
  into: JobTarget;
  plan: FilePlan;
  readRecord: (batch: TargetBatch) => ReadRecord | undefined;
}

export interface Fates {
  /** Number of records whose fate is known. */
  readonly count: number;
  /** Examines what a batch of one record has changed, in its transaction. */
  add(batch: TargetBatch): Promise<void>;
  end(): Promise<Pick<Preview, 'records' | 'counts'>>;
}

export function createFates(client: Client, { jobId, into, plan, readRecord }: FatesOptions): Fates {
  const { target } = into;
  const conflict = target.keys.filter(({ name }) => name === plan.conflict?.key);
  const keys = [...conflict, ...target.keys.filter((key) => !conflict.includes(key))];
  const filled = new Set(plan.columns.map(({ column, lookup }) => lookup ?? column));
  const generated = generatedColumns(target, filled);
  // Rows of customers get the ID of their job, which does not exist yet.
  if (into.customers) generated.push('job_id');
  const records: PreviewedRecord[] = [];
  /** Rows that were written but not found yet: the indexes of their records, and their ids. */
  const sought: { at: number; ids: string }[] = [];
  let counts: Record<RecordFate, number> = { inserted: 0, updated: 0, unchanged: 0, skipped: 0, rejected: 0 };

  /** Sets the stored values. Values generated for this row are left out, because a real load would generate others. */
  function store(record: PreviewedRecord, values: Values): void {
    const made = record.fate === 'inserted' ? generated : [];
    record.stored = true;
    record.generated = made;
    record.values = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, made.includes(name) ? null : value]),
    );
  }

  return {
    get count() {
      return records.length;
    },
    async add(batch) {
      const { counts: now, ids, before, rejection } = await takeTraces(client, jobId);
      const fate = fateBetween(counts, now);
      counts = now;
      if (rejection) return void records.push(rejected(rejection));
      const { rowNumber, line, values } = readRecord(batch)!;
      const record: PreviewedRecord = {
        ...{ rowNumber, line, fate, stored: false, values, generated: [] },
        ...{ before: before === undefined ? null : ((await readRowText(client, target, before)) ?? null) },
        error: null,
      };
      records.push(record);
      const written = fate === 'inserted' || fate === 'updated';
      const row = { texts: values, keys: written ? keys : conflict, ids: written ? ids : undefined };
      const found = await findStored(client, target, row);
      if (found) store(record, found);
      else if (written) sought.push({ at: records.length - 1, ids });
    },
    async end() {
      const found = await scanForStored(
        client,
        target,
        sought.map(({ ids }) => ids),
      );
      for (const [place, { at }] of sought.entries()) {
        const values = found[place];
        if (values) store(records[at]!, values);
      }
      return { records, counts };
    },
  };
}

function fateBetween(before: Record<RecordFate, number>, now: Record<RecordFate, number>): RecordFate {
  return RECORD_FATES.find((fate) => now[fate] > before[fate])!;
}

function rejected({ rowNumber, line, row, message, code, column, reasons }: Rejection): PreviewedRecord {
  return {
    ...{ rowNumber, line, fate: 'rejected', stored: false, values: row, generated: [], before: null },
    error: { message, code, column, ...(reasons && { reasons }) },
  };
}
