/** Writes the records of a batch that PostgreSQL refused into the report. */
import { withNoun } from '@csvjobs/shared';
import type { Payload } from '../../sql/copy.js';
import { loadRejections } from '../../sql/jobErrors.js';
import { withoutForeignKey } from '../../sql/lanes.js';
import { judgeRejected } from '../../sql/target/loadStaged.js';
import { addFaults } from '../../sql/target/moreFaults.js';
import type { RefusedRow } from '../../sql/target/oneByOne.js';
import type { ReportRows } from '../batch/reportRows.js';
import type { CopyRows } from '../batch.js';
import { keptRecord } from '../keptRecords.js';
import { doNotAddUp } from '../lane.js';
import { createStoreRefused } from '../refusedRows.js';
import type { LaneParts, PreparedBatch } from './preparedBatch.js';
import { isRepeat, type RefusedRecord, recordsOf } from './repeatedRows.js';
import { assertInsertable, sameTarget } from './targetCheck.js';
import { writeReject } from './targetReject.js';

export interface Refusals {
  /** Rejects refused rows, except those whose reason needs the earlier batches. */
  note(prepared: PreparedBatch, refused: readonly RefusedRow[]): Promise<void>;
  /** Writes refused records into the report. */
  reject(prepared: PreparedBatch, refused: readonly RefusedRecord[]): Promise<void>;
  /** Copies rejects into the report. */
  load(prepared: PreparedBatch, rejects: CopyRows): Promise<void>;
  /** Adds further faults to rejected records that are in the report. */
  addMore(prepared: PreparedBatch): Promise<void>;
}

export function createRefusals({ connection, load: job, parse }: LaneParts): Refusals {
  const { client } = connection;
  const { jobId, plan, records } = job;
  const storeRefused = createStoreRefused(jobId);

  async function note(prepared: PreparedBatch, refused: readonly RefusedRow[]): Promise<void> {
    if (refused.length === 0) return;
    // If the table has lost a column or has a new rule, or the role has lost its right, every row is refused.
    if (!prepared.verified) {
      const now = await sameTarget(client, plan.target);
      const names = plan.columns.map(({ name }) => name);
      assertInsertable(now, names, plan);
    }
    prepared.verified = prepared.inserted > 0;
    const found = recordsOf(prepared.batch, refused);
    prepared.refused = prepared.refused.concat(found);
    await reject(
      prepared,
      found.filter((record) => !isRepeat(record)),
    );
  }

  async function reject(prepared: PreparedBatch, refused: readonly RefusedRecord[]): Promise<void> {
    const { batch, reasons } = prepared;
    const write = (into: ReportRows, { index, reasons: found }: RefusedRecord) => {
      const record = keptRecord(batch.kept, index);
      const why = records.refused(found.map(job.named), record);
      const row = () => records.writeRow(into, parse(record));
      writeReject(into, reasons, { ...why, row, original: record });
    };
    await storeRefused(refused, write, (rows) => put(prepared, rows, refused.length));
  }

  const load = (prepared: PreparedBatch, { copy, count }: CopyRows) => put(prepared, copy, count);

  async function put(prepared: PreparedBatch, copy: Payload, count: number): Promise<void> {
    if (count === 0) return;
    const reports = await connection.reports();
    const all = () => loadRejections(reports, copy);
    const loaded = await (job.skipForeignKey ? withoutForeignKey(reports, all) : all());
    if (loaded !== count) throw doNotAddUp(`of ${withNoun(count, 'reject')} ${loaded} are in job_errors`);
    prepared.reported += loaded;
  }

  async function addMore(prepared: PreparedBatch): Promise<void> {
    const { doubtful } = prepared.batch;
    if (doubtful.count === 0) return;
    prepared.more ??= await judgeRejected(client, plan, doubtful.copy);
    await addFaults(await connection.reports(), jobId, prepared.more);
  }

  return { note, reject, load, addMore };
}
