/**
 * A lane for a table other than customers. A batch goes straight where it may; if PostgreSQL refuses that, the transaction
 * begins anew and the batch takes the staged way, which finds the rows that are to blame.
 *
 * A batch that must wait does nothing to the table before its turn, and then takes the staged way at once: a record in it has
 * in all likelihood the key of an earlier one.
 */
import { setImmediate } from 'node:timers/promises';
import { type FileDialect, rowsOf, type Target, type TargetReason } from '@csvjobs/shared';
import { failpoint } from '../../failpoint.js';
import type { Failure } from '../../failure.js';
import type { PlanColumn } from '../../rows/rowPlan.js';
import { loadRejections } from '../../sql/jobErrors.js';
import { advance, holdJob } from '../../sql/jobProgress.js';
import type { LaneConnection } from '../../sql/lanes.js';
import { cut } from '../../sql/pool.js';
import { isRefusal } from '../../sql/target/attempt.js';
import type { LoadPlan } from '../../sql/target/loadPlan.js';
import { judgeRejected, loadStaged } from '../../sql/target/loadStaged.js';
import { addFaults } from '../../sql/target/moreFaults.js';
import type { RefusedRow } from '../../sql/target/oneByOne.js';
import { shapeOf } from '../../sql/target/shape.js';
import { copyStraight, mayGoStraight } from '../../sql/target/straight.js';
import { CopyText } from '../batch/copyText.js';
import { PayloadMemory } from '../batch/memory.js';
import { parseFixed } from '../fixes/parseFixed.js';
import type { ReportColumns } from '../fixes/reportColumns.js';
import { keptRecord } from '../keptRecords.js';
import type { KeyLog } from '../keys/keyLog.js';
import { doNotAddUp, type Lane, type Ready, Superseded, type Way } from '../lane.js';
import { createParse } from '../parse.js';
import { isRepeat, nameRepeated, type RefusedRecord, recordsOf } from './repeatedRows.js';
import { recordsIn, type TargetBatch } from './targetBatch.js';
import { sameTarget, targetChanged } from './targetCheck.js';
import { rawRow, refusedFor, writeReject } from './targetReject.js';

/** What the lanes of a job have in common. */
export interface TargetLoad {
  jobId: string;
  attempt: number;
  plan: LoadPlan;
  /** The columns of the plan with the fields that they are from. */
  columns: readonly PlanColumn[];
  delimiter: string;
  /** The columns of the file that are a report's. */
  report: ReportColumns | undefined;
  dialect: FileDialect | undefined;
  /** Of the table when the plan was made (shapeOf). */
  shape: string | null;
  /** The keys whose hashes the batches have, by their names. */
  keys: readonly string[];
  /** Names what rows have in common that PostgreSQL refused in its own words. */
  named: (reason: TargetReason) => TargetReason;
  /** Undefined where there is no such key. */
  keyLog: KeyLog | undefined;
}

interface Prepared extends Ready {
  batch: TargetBatch;
  patient: boolean;
  inserted: number;
  reasons: Record<string, number>;
  /** Rows that PostgreSQL refused. Which row has the key of one can be said when all earlier batches are committed. */
  refused: RefusedRecord[];
}

/** Rejects that are made at once; between two such parts the event loop answers others. */
const PART = 500;

export function createTargetLane(connection: LaneConnection, load: TargetLoad): Lane<TargetBatch, Prepared> {
  const { client, begin, beginAnew, close } = connection;
  const { jobId, attempt, plan } = load;
  const { target } = plan;
  const parse = parseFixed(createParse(load), load.report);

  async function hold(): Promise<void> {
    if (!(await holdJob(client, jobId, attempt))) throw new Superseded(jobId);
  }

  async function loadRows(prepared: Prepared, way: Way): Promise<void> {
    const { batch } = prepared;
    const count = batch.rows.count + batch.texts.count;
    let more: RefusedRow[] | undefined;
    if (count > 0) {
      if (way === 'straight' && (await wentStraight(prepared))) prepared.inserted = count;
      else more = await loadSlowly(prepared);
      // The rows keep the table from being altered until the end of the transaction.
      if ((await shapeOf(client, target.table)) !== load.shape) throw await whyOther(target);
    }
    await loadRejects(batch.rejects.copy, batch.rejects.count);
    if (batch.doubtful.count > 0)
      await addFaults(client, jobId, more ?? (await judgeRejected(client, plan, batch.doubtful.copy)));
  }

  async function wentStraight({ batch, patient }: Prepared): Promise<boolean> {
    const { rows, texts, numbered } = batch;
    if (!mayGoStraight(target) || plan.lookups.length > 0 || (texts.count > 0 && numbered)) return false;
    try {
      const went =
        texts.count > 0
          ? await copyStraight(client, plan, texts.copy, texts.count, 'text')
          : await copyStraight(client, plan, rows.copy, rows.count);
      if (went) return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    await beginAnew(patient);
    await hold();
    return false;
  }

  /** Returns what else is wrong with rejected records. */
  async function loadSlowly(prepared: Prepared): Promise<RefusedRow[]> {
    const { rows, texts, numbered, doubtful } = prepared.batch;
    const { inserted, refused, more } = await loadStaged(client, plan, {
      binary: rows.copy,
      texts: { copy: texts.copy, numbered },
      rejected: doubtful.copy,
    });
    prepared.inserted = inserted;
    if (refused.length === 0) return more;
    prepared.nextWay = 'staged';
    // Every row is refused where the table has lost a column, or has a new rule.
    await sameTarget(client, target);
    prepared.refused = recordsOf(prepared.batch, refused);
    await rejectRefused(
      prepared,
      prepared.refused.filter((record) => !isRepeat(record)),
    );
    return more;
  }

  async function rejectRefused(
    { batch, reasons }: Prepared,
    refused: readonly RefusedRecord[],
  ): Promise<void> {
    const lines = new CopyText();
    for (const [at, { index, reasons: found }] of refused.entries()) {
      const record = keptRecord(batch.kept, index);
      const reject = refusedFor(found.map(load.named), record, rawRow(load.columns, parse(record)));
      writeReject(lines, reasons, jobId, { ...reject, original: record });
      if (at % PART === PART - 1) await setImmediate();
    }
    const { count, copy } = lines.take(new PayloadMemory());
    await loadRejects(copy, count);
  }

  async function loadRejects(copy: Uint8Array, count: number): Promise<void> {
    if (count === 0) return;
    const loaded = await loadRejections(client, copy, true);
    if (loaded !== count) throw doNotAddUp(`of ${count} rejects ${loaded} are in job_errors`);
  }

  async function whyOther(known: Target): Promise<Failure> {
    await sameTarget(client, known);
    // Dropped and made anew, just as it was.
    return targetChanged(known);
  }

  return {
    async prepare(batch, way, patient = false) {
      await begin(patient);
      await hold();
      const prepared: Prepared = {
        batch,
        patient,
        inserted: 0,
        reasons: { ...batch.reasons },
        refused: [],
        nextWay: 'straight',
      };
      if (!batch.mustWait) await loadRows(prepared, way);
      return prepared;
    },

    async finish(prepared) {
      const { batch } = prepared;
      if (batch.mustWait) await loadRows(prepared, 'staged');
      const repeats = prepared.refused.filter(isRepeat);
      await nameRepeated(load, batch, prepared.refused);
      await rejectRefused(prepared, repeats);
      const { inserted, reasons } = prepared;
      const records = recordsIn(batch);
      const rejected = rowsOf(reasons);
      if (inserted + rejected !== records)
        throw doNotAddUp(`of ${records} records ${inserted} were inserted and ${rejected} rejected`);
      const { checkpoint } = batch;
      const progress = await advance(client, jobId, attempt, { success: inserted, reasons, checkpoint });
      if (!progress) throw new Superseded(jobId);
      // The job is held by now: no other attempt has anything to write.
      await load.keyLog?.write(checkpoint.rowNumber - records + 1, batch.keys);
      await failpoint('before-commit');
      await client.query('commit');
      await failpoint('after-commit');
      return progress;
    },

    async abandon() {
      await client.query('rollback').catch(() => {});
    },

    cut() {
      cut(client);
    },

    close,
  };
}
