/**
 * A lane for a table other than customers. It copies rows straight into the table if it may. If PostgreSQL refuses
 * that, it restarts the transaction and sifts the rows: it takes out rows with faults that can be found in advance and
 * copies the others straight. If that is refused too, it stages the rows.
 *
 * If rows with a known key are skipped or updated, it stages all rows and applies them with the same effect as in file
 * order (upsertBatch.ts).
 *
 * Records that may have the key of an earlier one, and those that only PostgreSQL can read, are staged separately after
 * the others. The former wait for the turn of their batch. If any row may depend on another, the batch is loaded as a
 * whole. Rows with too many columns for a stage are inserted one by one instead.
 */
import { setImmediate } from 'node:timers/promises';
import { type FileDialect, rowsOf, type Target, type TargetReason, withNoun } from '@csvjobs/shared';
import { failpoint } from '../../failpoint.js';
import type { Failure } from '../../failure.js';
import { loadRejections } from '../../sql/jobErrors.js';
import { advance } from '../../sql/jobProgress.js';
import { type LaneConnection, withoutForeignKey } from '../../sql/lanes.js';
import type { Client } from '../../sql/pool.js';
import { isRefusal } from '../../sql/target/attempt.js';
import { insertEach } from '../../sql/target/insertEach.js';
import type { LoadPlan } from '../../sql/target/loadPlan.js';
import { judgeRejected, loadStaged, type StagedRows } from '../../sql/target/loadStaged.js';
import { addFaults } from '../../sql/target/moreFaults.js';
import type { RefusedRow } from '../../sql/target/oneByOne.js';
import { noteKeys } from '../../sql/target/replace/fileKeys.js';
import { shapeOf } from '../../sql/target/shape.js';
import { siftedColumns, siftRows } from '../../sql/target/sift.js';
import { hasStage } from '../../sql/target/stage.js';
import { MOST_STAGED, STAGE_STEP } from '../../sql/target/stageStep.js';
import { copyStraight, mayGoStraight } from '../../sql/target/straight.js';
import type { UpsertPlan } from '../../sql/target/upsert/statements.js';
import type { Upserted } from '../../sql/target/upsert/upserted.js';
import { keepTransaction } from '../../sql/undo/transactionIds.js';
import { CopyText } from '../batch/copyText.js';
import { PayloadMemory } from '../batch/memory.js';
import type { CopyRows } from '../batch.js';
import type { RecordReader } from '../customers/recordReader.js';
import { parseFixed } from '../fixes/parseFixed.js';
import type { ReportColumns } from '../fixes/reportColumns.js';
import { binaryRows, keptRecord } from '../keptRecords.js';
import type { KeyLog } from '../keys/keyLog.js';
import { doNotAddUp, type Lane, type Ready, Superseded, type Way } from '../lane.js';
import { createParse, type Parse } from '../parse.js';
import { projectRows, withoutRows } from './binaryRows.js';
import { isRepeat, type RefusedRecord, recordsOf } from './repeatedRows.js';
import { recordsIn, type TargetBatch } from './targetBatch.js';
import { assertInsertable, sameTarget, targetChanged } from './targetCheck.js';
import { writeReject } from './targetReject.js';
import { textRows, type WhichRows } from './textRows.js';
import { beginBatch, endBatch, NOTHING_WAITS, type Upserts, type Waiting } from './upsertBatch.js';

/** What the lanes of a job share. */
export interface TargetLoad {
  jobId: string;
  attempt: number;
  plan: LoadPlan;
  /** Reads records, and words the reasons of those that are refused. */
  records: RecordReader;
  delimiter: string;
  /** The columns of the file that come from a report. */
  report: ReportColumns | undefined;
  dialect: FileDialect | undefined;
  /** The table's shape when the plan was made (shapeOf). */
  shape: string | null;
  /** Rejects are written without the foreign key to the job, which each batch holds (maySkipForeignKey). */
  skipForeignKey: boolean;
  /** Whether to sift rows that PostgreSQL refuses. */
  sifts: boolean;
  /** Rows were refused because the table has their key, so the following batches look up keys too. */
  siftKeys: boolean;
  /**
   * Names the row that has the key of each refused row, once all earlier batches are committed. Called with all refused
   * rows, repeats or not.
   */
  nameRepeated: NameRepeated;
  /** Adds to a refusal in PostgreSQL's own words what it has in common with other rows. */
  named: (reason: TargetReason) => TargetReason;
  /** Known rows may be updated before earlier batches are committed, if those lack their keys (upsertBatch.ts). */
  early: boolean;
  /** Undefined if there is no key to log. */
  keyLog: KeyLog | undefined;
  /** The file replaces the table's content, so the keys of its records are noted. */
  replaces: boolean;
}

interface Prepared extends Ready {
  batch: TargetBatch;
  patient: boolean;
  inserted: number;
  /** If known rows are skipped or updated: what became of them, and which are waiting. */
  waiting: Waiting;
  updated: number;
  unchanged: number;
  skipped: number;
  reasons: Record<string, number>;
  /**
   * Rows that PostgreSQL refused. Which row has a refused row's key is known only when all earlier batches are
   * committed.
   */
  refused: RefusedRecord[];
  /** Further faults of rejected records; undefined until they are judged. */
  more: RefusedRow[] | undefined;
  /**
   * The table was checked against the plan, after inserting a row that prevents changes to it until the transaction
   * ends.
   */
  verified: boolean;
}

/** Like `nameRepeated` of repeatedRows.ts, in the transaction of the batch. */
export type NameRepeated = (
  client: Client,
  batch: TargetBatch,
  refused: readonly RefusedRecord[],
  parse: Parse,
) => Promise<void>;

/** Number of rejects built before the event loop gets a turn. */
const PART = 500;

function hasConflict(plan: LoadPlan): plan is UpsertPlan {
  return plan.conflict !== undefined;
}

const UNIQUE_VIOLATION = '23505';

const NO_TEXTS = { copy: new Uint8Array(0), numbered: true };

export function createTargetLane(connection: LaneConnection, load: TargetLoad): Lane<TargetBatch, Prepared> {
  const { client, begin, restart } = connection;
  const { jobId, attempt, plan } = load;
  const { target } = plan;
  const memory = new PayloadMemory();
  const parse = parseFixed(createParse(load), load.report);
  const upserts = hasConflict(plan) ? upsertsOf(plan) : undefined;

  function upsertsOf(conflicting: UpsertPlan): Upserts {
    // The keys of a file are noted when a batch is applied as a whole.
    if (!load.replaces) return { jobId, plan: conflicting, early: load.early };
    const beforeCleared = (refused: readonly RefusedRow[]) => noteKeys(client, conflicting, refused);
    return { jobId, plan: conflicting, early: false, beforeCleared };
  }

  async function hold(): Promise<void> {
    if (!(await connection.hold())) throw new Superseded(jobId);
  }

  /** Loads rows that do not depend on the others of the batch. */
  async function loadRows(prepared: Prepared, way: Way): Promise<void> {
    const { rows } = prepared.batch;
    const went = way === 'straight' && (await wentStraight(prepared, rows, 'binary'));
    if (!went && !(await wentSifted(prepared)))
      await loadSlowly(prepared, 'rows', { binary: rows.copy, texts: NO_TEXTS });
  }

  /** Loads the records set aside, after all that they may depend on. */
  async function loadAside(prepared: Prepared): Promise<void> {
    const { suspects, texts } = prepared.batch;
    if (suspects.count + texts.count === 0) return;
    await stageRows(prepared, 'aside', {
      binary: NO_TEXTS.copy,
      suspects: suspects.copy,
      texts: { copy: texts.copy, numbered: true },
    });
  }

  /** Loads all records of a batch in file order. */
  async function loadInOrder(prepared: Prepared, way: Way): Promise<void> {
    const { rows, suspects, texts, numbered } = prepared.batch;
    if (suspects.count + texts.count === 0) return loadRows(prepared, way);
    if (!numbered && way === 'straight' && (await wentStraight(prepared, texts, 'text'))) return;
    await loadSlowly(prepared, 'all', {
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
    if (!mayGoStraight(plan)) return false;
    try {
      if (await copyStraight(client, plan, rows.copy, rows.count, format)) {
        prepared.inserted += rows.count;
        return true;
      }
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if ((error as { code?: string }).code === UNIQUE_VIOLATION) load.siftKeys = true;
    }
    await restart(prepared.patient);
    prepared.verified = false;
    await hold();
    return false;
  }

  async function wentSifted(prepared: Prepared): Promise<boolean> {
    const { rows, apart } = prepared.batch;
    if (rows.count === 0) return true;
    if (!load.sifts || !mayGoStraight(plan)) return false;
    const withKeys = load.siftKeys;
    const columns = siftedColumns(plan, withKeys);
    if (columns.length === 0 || columns.length > MOST_STAGED) return false;
    const { ends } = binaryRows(prepared.batch.kept);
    const narrow = await projectRows(rows, ends, columns, memory);
    const refused = await siftRows(client, plan, columns, narrow.copy);
    const without = refused.map(({ row }) => row / STAGE_STEP - 1);
    const left = withoutRows(rows, ends, without, memory);
    const went = await wentStraight(prepared, left, 'binary');
    memory.giveBack([narrow.copy, left.copy]);
    if (!went && load.siftKeys && !withKeys) return wentSifted(prepared);
    if (!went) {
      // Rows that depend on each other would be refused again and again.
      load.sifts = apart;
      return false;
    }
    // Looks up keys only as long as rows are refused for them, because that takes as long as everything else.
    const repeats = ({ code }: TargetReason) => code === 'duplicate_in_table';
    if (withKeys) load.siftKeys = refused.some(({ reasons }) => reasons.some(repeats));
    if (refused.length > 0) prepared.nextWay = 'staged';
    await noteRefused(prepared, refused);
    return true;
  }

  async function loadSlowly(prepared: Prepared, which: WhichRows, rows: StagedRows): Promise<void> {
    if (await stageRows(prepared, which, rows)) prepared.nextWay = 'staged';
  }

  /**
   * Loads rows from the stage, which also judges rejected records, once; or one by one if they have too many columns
   * for a stage. Returns whether PostgreSQL refused any.
   */
  async function stageRows(prepared: Prepared, which: WhichRows, rows: StagedRows): Promise<boolean> {
    if (!hasStage(plan)) return loadEach(prepared, which);
    const { copy } = prepared.batch.doubtful;
    const rejected = prepared.more ? {} : { rejected: copy };
    const { inserted, refused, more } = await loadStaged(client, plan, { ...rows, ...rejected });
    prepared.more ??= more;
    prepared.inserted += inserted;
    await noteRefused(prepared, refused);
    return refused.length > 0;
  }

  async function loadEach(prepared: Prepared, which: WhichRows): Promise<boolean> {
    const each = textRows(prepared.batch, which, { records: load.records, parse });
    const { inserted, refused } = await insertEach(client, plan, each);
    prepared.inserted += inserted;
    await noteRefused(prepared, refused);
    return refused.length > 0;
  }

  /** Applies rows that may be in the table, except those that must wait for earlier batches. */
  async function beginUpserts(prepared: Prepared, upserts: Upserts): Promise<void> {
    const { applied, more, waiting } = await beginBatch(client, upserts, prepared.batch);
    prepared.waiting = waiting;
    prepared.more = more;
    await noteUpserted(prepared, applied);
    if (waiting.left !== 'all') await checkShape();
  }

  async function endUpserts(prepared: Prepared, upserts: Upserts): Promise<void> {
    const { waiting } = prepared;
    if (waiting.left === undefined && !waiting.aside) return;
    await noteUpserted(prepared, await endBatch(client, upserts, prepared.batch, waiting));
    await checkShape();
  }

  async function noteUpserted(prepared: Prepared, { refused, ...counts }: Upserted): Promise<void> {
    for (const [name, count] of Object.entries(counts) as [keyof typeof counts, number][])
      prepared[name] += count;
    await noteRefused(prepared, refused);
  }

  /** Adds further faults to rejected records that are in the report. */
  async function addMore(prepared: Prepared): Promise<void> {
    const { doubtful } = prepared.batch;
    if (doubtful.count === 0) return;
    prepared.more ??= await judgeRejected(client, plan, doubtful.copy);
    await addFaults(await connection.reports(), jobId, prepared.more);
  }

  /** Rejects refused rows, except those whose reason needs the earlier batches. */
  async function noteRefused(prepared: Prepared, refused: readonly RefusedRow[]): Promise<void> {
    if (refused.length === 0) return;
    // If the table has lost a column or has a new rule, or the role has lost its right, every row is refused.
    if (!prepared.verified) {
      const now = await sameTarget(client, target);
      assertInsertable(
        now,
        plan.columns.map(({ name }) => name),
      );
    }
    prepared.verified = prepared.inserted > 0;
    const records = recordsOf(prepared.batch, refused);
    prepared.refused = prepared.refused.concat(records);
    await rejectRefused(
      prepared,
      records.filter((record) => !isRepeat(record)),
    );
  }

  async function rejectRefused(
    { batch, reasons }: Prepared,
    refused: readonly RefusedRecord[],
  ): Promise<void> {
    const lines = new CopyText();
    for (const [at, { index, reasons: found }] of refused.entries()) {
      const record = keptRecord(batch.kept, index);
      const reject = load.records.refused(found.map(load.named), record);
      const row = (into: CopyText) => load.records.writeRow(into, parse(record));
      writeReject(lines, reasons, jobId, { ...reject, row, original: record });
      if (at % PART === PART - 1) await setImmediate();
    }
    const { count, copy } = lines.take(new PayloadMemory());
    await loadRejects(copy, count);
  }

  /**
   * Checks that the table is the one of the plan. The rows already written prevent changes to it until the transaction
   * ends.
   */
  async function checkShape(): Promise<void> {
    if ((await shapeOf(client, target.table)) !== load.shape) throw await whyOther(target);
  }

  async function loadRejects(copy: Uint8Array, count: number): Promise<void> {
    if (count === 0) return;
    const reports = await connection.reports();
    const put = () => loadRejections(reports, copy, true);
    const loaded = await (load.skipForeignKey ? withoutForeignKey(reports, put) : put());
    if (loaded !== count) throw doNotAddUp(`of ${withNoun(count, 'reject')} ${loaded} are in job_errors`);
  }

  async function whyOther(known: Target): Promise<Failure> {
    await sameTarget(client, known);
    // Dropped and created again, just as it was.
    return targetChanged(known);
  }

  return {
    async prepare(batch, way, patient = false) {
      await begin(patient);
      await hold();
      const prepared: Prepared = {
        batch,
        patient,
        ...{ inserted: 0, updated: 0, unchanged: 0, skipped: 0 },
        waiting: NOTHING_WAITS,
        reasons: { ...batch.reasons },
        refused: [],
        more: undefined,
        verified: false,
        nextWay: 'straight',
      };
      const { waits, apart, rows, rejects } = batch;
      if (upserts) await beginUpserts(prepared, upserts);
      else if (waits !== 'all') {
        if (!apart) await loadInOrder(prepared, way);
        else {
          await loadRows(prepared, way);
          if (waits === 'nothing') await loadAside(prepared);
        }
        if (rows.count + batch.texts.count > 0) await checkShape();
      }
      await loadRejects(rejects.copy, rejects.count);
      // Staging the waiting rows judges rejected records too.
      if (waits === 'nothing') await addMore(prepared);
      return prepared;
    },

    async finish(prepared) {
      const { batch } = prepared;
      if (upserts) await endUpserts(prepared, upserts);
      else if (batch.waits !== 'nothing') {
        if (batch.waits === 'all') await loadInOrder(prepared, 'staged');
        else await loadAside(prepared);
        await checkShape();
      }
      if (batch.waits !== 'nothing') await addMore(prepared);
      const repeats = prepared.refused.filter(isRepeat);
      await load.nameRepeated(client, batch, prepared.refused, parse);
      await rejectRefused(prepared, repeats);
      const { inserted, updated, unchanged, skipped, reasons } = prepared;
      const records = recordsIn(batch);
      const rejected = rowsOf(reasons);
      const others = updated + unchanged + skipped;
      if (inserted + others + rejected !== records)
        throw doNotAddUp(
          `of ${withNoun(records, 'record')} ${inserted} were inserted${plan.conflict ? `, ${others} updated, unchanged or skipped` : ''} and ${rejected} rejected`,
        );
      const { checkpoint, assumed } = batch;
      await keepTransaction(client, jobId, { inserted, updated });
      const counts = { inserted, updated, unchanged, skipped };
      const progress = await advance(await connection.reports(), jobId, attempt, {
        ...counts,
        reasons,
        assumed,
        checkpoint,
      });
      if (!progress) throw new Superseded(jobId);
      // This attempt holds the job by now: no other one can write anything.
      await load.keyLog?.write(checkpoint.rowNumber - records + 1, batch.keys);
      await failpoint('before-commit');
      await connection.commit();
      await failpoint('after-commit');
      return progress;
    },

    abandon: connection.abandon,
    cut: connection.cut,
    close: connection.close,
    whole: connection.whole,
  };
}
