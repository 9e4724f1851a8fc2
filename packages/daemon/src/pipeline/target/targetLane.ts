/**
 * A lane for a table other than customers. Rows go straight where they may. If PostgreSQL refuses that, the transaction begins
 * anew and they are sifted: rows with a fault that can be seen beforehand are taken out, the others go straight. If that is
 * refused too, they take the staged way.
 *
 * Records that may have the key of an earlier one, and those that only PostgreSQL can read, are staged by themselves behind the
 * others, the former not before the turn of their batch. Where any row may depend on another, the batch is one.
 */
import { setImmediate } from 'node:timers/promises';
import { rowsOf, type Target, type TargetReason } from '@csvjobs/shared';
import { failpoint } from '../../failpoint.js';
import type { Failure } from '../../failure.js';
import type { PlanColumn } from '../../rows/rowPlan.js';
import { loadRejections } from '../../sql/jobErrors.js';
import { advance, holdJob } from '../../sql/jobProgress.js';
import { type LaneConnection, withoutForeignKey } from '../../sql/lanes.js';
import { cut } from '../../sql/pool.js';
import { isRefusal } from '../../sql/target/attempt.js';
import type { LoadPlan } from '../../sql/target/loadPlan.js';
import { loadStaged, type StagedRows } from '../../sql/target/loadStaged.js';
import type { RefusedRow } from '../../sql/target/oneByOne.js';
import { shapeOf } from '../../sql/target/shape.js';
import { siftedColumns, siftRows } from '../../sql/target/sift.js';
import { STAGE_STEP } from '../../sql/target/stageStep.js';
import { copyStraight, mayGoStraight } from '../../sql/target/straight.js';
import { CopyText } from '../batch/copyText.js';
import { PayloadMemory } from '../batch/memory.js';
import type { CopyRows } from '../batch.js';
import { doNotAddUp, type Lane, type Ready, Superseded, type Way } from '../lane.js';
import { createParse } from '../parse.js';
import { projectRows, withoutRows } from './binaryRows.js';
import { binaryRows, keptRecord } from './keptRecords.js';
import type { TargetBatch } from './targetBatch.js';
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
  /** Of the table when the plan was made (shapeOf). */
  shape: string | null;
  /** Rejects go in without the foreign key to the job, which each batch holds (maySkipForeignKey). */
  skipForeignKey: boolean;
  /** Rows are sifted where they are refused. */
  sifts: boolean;
  /** Rows were refused for a key that the table has: of the batches that follow, keys are looked up too. */
  siftKeys: boolean;
}

interface Prepared extends Ready {
  batch: TargetBatch;
  patient: boolean;
  inserted: number;
  reasons: Record<string, number>;
}

/** Rejects that are made at once; between two such parts the event loop answers others. */
const PART = 500;

const UNIQUE_VIOLATION = '23505';

const NO_TEXTS = { copy: new Uint8Array(0), numbered: true };

export function createTargetLane(connection: LaneConnection, load: TargetLoad): Lane<TargetBatch, Prepared> {
  const { client, begin, beginAnew, close } = connection;
  const { jobId, attempt, plan } = load;
  const { target } = plan;
  const parse = createParse(load.delimiter);
  const memory = new PayloadMemory();

  async function hold(): Promise<void> {
    if (!(await holdJob(client, jobId, attempt))) throw new Superseded(jobId);
  }

  /** Loads rows that stand in no relation to the others of the batch. */
  async function loadRows(prepared: Prepared, way: Way): Promise<void> {
    const { rows } = prepared.batch;
    const went = way === 'straight' && (await wentStraight(prepared, rows, 'binary'));
    if (!went && !(await wentSifted(prepared)))
      await loadSlowly(prepared, { binary: rows.copy, texts: NO_TEXTS });
  }

  /** Loads the records that stand aside, behind all that they may depend on. */
  async function loadAside(prepared: Prepared): Promise<void> {
    const { suspects, texts } = prepared.batch;
    if (suspects.count + texts.count === 0) return;
    const { inserted, refused } = await loadStaged(client, plan, {
      binary: NO_TEXTS.copy,
      suspects: suspects.copy,
      texts: { copy: texts.copy, numbered: true },
    });
    prepared.inserted += inserted;
    await rejectRefused(prepared, refused);
  }

  /** Loads all records of a batch in their order. */
  async function loadInOrder(prepared: Prepared, way: Way): Promise<void> {
    const { rows, suspects, texts, numbered } = prepared.batch;
    if (suspects.count + texts.count === 0) return loadRows(prepared, way);
    if (!numbered && way === 'straight' && (await wentStraight(prepared, texts, 'text'))) return;
    await loadSlowly(prepared, {
      binary: rows.copy,
      suspects: suspects.copy,
      texts: { copy: texts.copy, numbered },
    });
  }

  async function wentStraight(
    prepared: Prepared,
    rows: CopyRows,
    format: 'binary' | 'text',
  ): Promise<boolean> {
    if (rows.count === 0) return true;
    if (!mayGoStraight(target)) return false;
    try {
      if (await copyStraight(client, plan, rows.copy, rows.count, format)) {
        prepared.inserted += rows.count;
        return true;
      }
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if ((error as { code?: string }).code === UNIQUE_VIOLATION) load.siftKeys = true;
    }
    await beginAnew(prepared.patient);
    await hold();
    return false;
  }

  async function wentSifted(prepared: Prepared): Promise<boolean> {
    const { rows, apart } = prepared.batch;
    if (rows.count === 0) return true;
    const withKeys = load.siftKeys;
    const columns = siftedColumns(plan, withKeys);
    if (columns.length === 0 || !load.sifts || !mayGoStraight(target)) return false;
    const { ends } = binaryRows(prepared.batch.kept);
    const narrow = await projectRows(rows, ends, columns, memory);
    const refused = await siftRows(client, plan, columns, narrow.copy);
    const without = refused.map(({ row }) => row / STAGE_STEP - 1);
    const left = withoutRows(rows, ends, without, memory);
    const went = await wentStraight(prepared, left, 'binary');
    memory.giveBack([narrow.copy, left.copy]);
    if (!went && load.siftKeys && !withKeys) return wentSifted(prepared);
    if (!went) {
      // Rows that depend on each other will be refused again and again.
      load.sifts = apart;
      return false;
    }
    // Keys are looked up as long as rows are refused for them: that takes as long as all the rest.
    const repeats = ({ code }: TargetReason) => code === 'duplicate_in_table';
    if (withKeys) load.siftKeys = refused.some(({ reasons }) => reasons.some(repeats));
    if (refused.length > 0) prepared.nextWay = 'staged';
    await rejectRefused(prepared, refused);
    return true;
  }

  async function loadSlowly(prepared: Prepared, rows: StagedRows): Promise<void> {
    const { inserted, refused } = await loadStaged(client, plan, rows);
    prepared.inserted += inserted;
    if (refused.length > 0) prepared.nextWay = 'staged';
    await rejectRefused(prepared, refused);
  }

  async function rejectRefused(prepared: Prepared, refused: readonly RefusedRow[]): Promise<void> {
    if (refused.length === 0) return;
    const { batch, reasons } = prepared;
    // Every row is refused where the table has lost a column, or has a new rule.
    await sameTarget(client, target);
    const lines = new CopyText();
    const records = batch.numbered ? binaryRows(batch.kept).records : undefined;
    for (const [at, { row, reasons: found }] of refused.entries()) {
      const before = Math.floor(row / STAGE_STEP);
      const place = row % STAGE_STEP;
      const index = place > 0 ? place - 1 : records ? records[before - 1]! : before - 1;
      const record = keptRecord(batch.kept, index);
      const reject = refusedFor(found, record, rawRow(load.columns, parse(record)));
      writeReject(lines, reasons, jobId, reject);
      if (at % PART === PART - 1) await setImmediate();
    }
    const { count, copy } = lines.take(new PayloadMemory());
    await loadRejects(copy, count);
  }

  /** The rows keep the table from being altered until the end of the transaction: it must be the one of the plan. */
  async function checkShape(): Promise<void> {
    if ((await shapeOf(client, target.table)) !== load.shape) throw await whyOther(target);
  }

  async function loadRejects(copy: Uint8Array, count: number): Promise<void> {
    if (count === 0) return;
    const put = () => loadRejections(client, copy, true);
    const loaded = await (load.skipForeignKey ? withoutForeignKey(client, put) : put());
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
        nextWay: 'straight',
      };
      const { waits, apart, rows, rejects } = batch;
      if (waits !== 'all') {
        if (!apart) await loadInOrder(prepared, way);
        else {
          await loadRows(prepared, way);
          if (waits === 'nothing') await loadAside(prepared);
        }
        if (rows.count + batch.texts.count > 0) await checkShape();
      }
      await loadRejects(rejects.copy, rejects.count);
      return prepared;
    },

    async finish(prepared) {
      const { batch } = prepared;
      if (batch.waits !== 'nothing') {
        if (batch.waits === 'all') await loadInOrder(prepared, 'staged');
        else await loadAside(prepared);
        await checkShape();
      }
      const { inserted, reasons } = prepared;
      const records = batch.rows.count + batch.suspects.count + batch.texts.count + batch.rejects.count;
      const rejected = rowsOf(reasons);
      if (inserted + rejected !== records)
        throw doNotAddUp(`of ${records} records ${inserted} were inserted and ${rejected} rejected`);
      const { checkpoint } = batch;
      const progress = await advance(client, jobId, attempt, { success: inserted, reasons, checkpoint });
      if (!progress) throw new Superseded(jobId);
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
