/**
 * A lane for a table other than customers.
 *
 * Rows are inserted (insertBatch.ts). If rows with a known key are skipped or updated, all rows are staged and applied
 * with the same effect as in file order (upsertBatch.ts).
 *
 * Records that may have the key of an earlier one, and those that only PostgreSQL can read, are staged separately after
 * the others. The former wait for the turn of their batch. If any row may depend on another, the batch is loaded as a
 * whole.
 */
import { rowsOf, withNoun } from '@csvjobs/shared';
import { failpoint } from '../../failpoint.js';
import { advance } from '../../sql/jobProgress.js';
import type { LaneConnection } from '../../sql/lanes.js';
import type { LoadPlan } from '../../sql/target/loadPlan.js';
import type { RefusedRow } from '../../sql/target/oneByOne.js';
import { noteKeys } from '../../sql/target/replace/fileKeys.js';
import type { UpsertPlan } from '../../sql/target/upsert/statements.js';
import type { Upserted } from '../../sql/target/upsert/upserted.js';
import { keepTransaction } from '../../sql/undo/transactionIds.js';
import { parseFixed } from '../fixes/parseFixed.js';
import { doNotAddUp, type Lane, Superseded } from '../lane.js';
import { createParse } from '../parse.js';
import { createInserts } from './insertBatch.js';
import { lockJob, type PreparedBatch, type TargetLoad } from './preparedBatch.js';
import { createRefusals } from './refusals.js';
import { isRepeat } from './repeatedRows.js';
import { recordsIn, type TargetBatch } from './targetBatch.js';
import { assertShape } from './targetCheck.js';
import { beginBatch, endBatch, NOTHING_WAITS, type Upserts } from './upsertBatch.js';

function hasConflict(plan: LoadPlan): plan is UpsertPlan {
  return plan.conflict !== undefined;
}

export function createTargetLane(
  connection: LaneConnection,
  load: TargetLoad,
): Lane<TargetBatch, PreparedBatch> {
  const { client, begin } = connection;
  const { jobId, attempt, plan } = load;
  const parse = parseFixed(createParse(load), load.report);
  const parts = { connection, load, parse };
  const refusals = createRefusals(parts);
  const inserts = createInserts(parts, refusals);
  const upserts = hasConflict(plan) ? upsertsOf(plan) : undefined;

  function upsertsOf(conflicting: UpsertPlan): Upserts {
    // The keys of a file are noted when a batch is applied as a whole.
    if (!load.replaces) return { jobId, plan: conflicting, early: load.early };
    const beforeCleared = (refused: readonly RefusedRow[]) => noteKeys(client, conflicting, refused);
    return { jobId, plan: conflicting, early: false, beforeCleared };
  }

  const checkShape = () => assertShape(client, plan, load.shape);

  /** Applies rows that may be in the table, except those that must wait for earlier batches. */
  async function beginUpserts(prepared: PreparedBatch, upserts: Upserts): Promise<void> {
    const { applied, more, waiting } = await beginBatch(client, upserts, prepared.batch);
    prepared.waiting = waiting;
    prepared.more = more;
    await noteUpserted(prepared, applied);
    if (waiting.left !== 'all') await checkShape();
  }

  async function endUpserts(prepared: PreparedBatch, upserts: Upserts): Promise<void> {
    const { waiting } = prepared;
    if (waiting.left === undefined && !waiting.aside) return;
    await noteUpserted(prepared, await endBatch(client, upserts, prepared.batch, waiting));
    await checkShape();
  }

  async function noteUpserted(prepared: PreparedBatch, { refused, ...counts }: Upserted): Promise<void> {
    for (const [name, count] of Object.entries(counts) as [keyof typeof counts, number][])
      prepared[name] += count;
    await refusals.note(prepared, refused);
  }

  return {
    async prepare(batch, way, patient = false) {
      await begin(patient);
      await lockJob(parts);
      const prepared: PreparedBatch = {
        batch,
        patient,
        ...{ inserted: 0, updated: 0, unchanged: 0, skipped: 0 },
        waiting: NOTHING_WAITS,
        reasons: { ...batch.reasons },
        reported: 0,
        refused: [],
        more: undefined,
        verified: false,
        nextWay: 'straight',
      };
      const { waits, apart, rows, rejects } = batch;
      if (upserts) await beginUpserts(prepared, upserts);
      else if (waits !== 'all') {
        if (!apart) await inserts.loadInOrder(prepared, way);
        else {
          await inserts.loadRows(prepared, way);
          if (waits === 'nothing') await inserts.loadAside(prepared);
        }
        if (rows.count + batch.texts.count > 0) await checkShape();
      }
      // Rows that wait as a whole may restart the transaction.
      if (upserts || waits !== 'all') await refusals.load(prepared, rejects);
      // Staging the waiting rows judges rejected records too.
      if (waits === 'nothing') await refusals.addMore(prepared);
      return prepared;
    },

    async finish(prepared) {
      const { batch } = prepared;
      if (upserts) await endUpserts(prepared, upserts);
      else if (batch.waits !== 'nothing') {
        if (batch.waits === 'all') {
          await inserts.loadInOrder(prepared, 'staged');
          await refusals.load(prepared, batch.rejects);
        } else await inserts.loadAside(prepared);
        await checkShape();
      }
      if (batch.waits !== 'nothing') await refusals.addMore(prepared);
      const repeats = prepared.refused.filter(isRepeat);
      await load.nameRepeated(client, batch, prepared.refused, parse);
      await refusals.reject(prepared, repeats);
      const { inserted, updated, unchanged, skipped, reasons } = prepared;
      const records = recordsIn(batch);
      const rejected = rowsOf(reasons);
      const others = updated + unchanged + skipped;
      if (inserted + others + rejected !== records)
        throw doNotAddUp(
          `of ${withNoun(records, 'record')} ${inserted} were inserted${plan.conflict ? `, ${others} updated, unchanged or skipped` : ''} and ${rejected} rejected`,
        );
      if (prepared.reported !== rejected)
        throw doNotAddUp(`of ${withNoun(rejected, 'reject')} ${prepared.reported} are in the report`);
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
