/**
 * Replaces a table's content with that of a file (docs/decisions/0040-replace.md): what happens before the first batch
 * and after the last one, in the same transaction as all batches. If the file has a key of the table, known rows are
 * updated and rows whose key no record has are removed. Otherwise all rows are removed first.
 */
import { FIRST_ROWS, type LoadMode, type ShownRow, withNoun, writeTableName } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { insertedRows, noteRemoved } from '../../sql/jobRemoved.js';
import type { LaneConnection } from '../../sql/lanes.js';
import { isLocked } from '../../sql/patience.js';
import { attempt } from '../../sql/target/attempt.js';
import type { LoadPlan } from '../../sql/target/loadPlan.js';
import { refersToItself } from '../../sql/target/refersToItself.js';
import { forgetKeys, noteKeys } from '../../sql/target/replace/fileKeys.js';
import { countRows, lockTable } from '../../sql/target/replace/lockTable.js';
import { leaveReferenced } from '../../sql/target/replace/referenced.js';
import { removeRows } from '../../sql/target/replace/removeRows.js';
import { assertMayReplace, assertSeesAllRows } from '../../sql/target/replace/replaceable.js';
import { firstRemoved } from '../../sql/target/replace/shownRows.js';
import { findAllRows, findRowsNotInFile, forgetRows } from '../../sql/target/replace/staleRows.js';
import { hasSameColumns, type Shape, shapeOf } from '../../sql/target/shape.js';
import { clearStage } from '../../sql/target/stage.js';
import { mayWriteTogether } from '../../sql/target/upsert/independence.js';
import type { UpsertPlan } from '../../sql/target/upsert/statements.js';
import { stageUpsert } from '../../sql/target/upsert/upsert.js';
import { Superseded } from '../lane.js';
import type { RemovalLimits } from '../loading.js';
import { checkRemoval } from './removalGate.js';
import type { TargetBatch } from './targetBatch.js';
import { sameTarget, targetChanged } from './targetCheck.js';

export interface Replacement {
  /**
   * Keeps all other writers off the table, and removes the rows that could conflict with those of the file.
   * @param batches of the file, read once in addition to the load
   * @throws {Failure} `target_changed`, `target_denied`, `max_removed_exceeded`, and as `removeRows` does; an error that `isLocked`
   *   recognizes if it was stopped
   */
  begin(batches: () => AsyncIterable<TargetBatch>, giveBack: (batch: TargetBatch) => void): Promise<void>;
  /**
   * Runs after the last batch and before the job ends.
   * @throws {Failure} as `begin` does; `rows_not_removed`
   */
  finish(): Promise<void>;
}

/** The number of removed rows, and the first of them. */
interface Gone {
  rows: number;
  first: ShownRow[];
}

interface Replacing {
  jobId: string;
  attempt: number;
  mode: LoadMode;
  plan: LoadPlan;
  /** The table's shape when the plan was made (shapeOf). */
  shape: Shape | undefined;
  /** Aborted when the attempt must stop: it then waits for no more locks. */
  stopped: AbortSignal;
  /** Only in a preview. */
  limits?: RemovalLimits | undefined;
}

/** The load would remove more rows than a preview allows. */
export class TooManyToRemove extends Error {}

/** @param connection the lane that loads all rows */
export function createReplacement(
  connection: LaneConnection,
  { jobId, attempt: ofJob, mode, plan, shape, stopped, limits }: Replacing,
): Replacement {
  const { client } = connection;
  const { target } = plan;
  const byKey = hasKey(plan);
  /** How many rows the table had, and which of them have been removed so far. */
  let before = 0;
  let gone: Gone = { rows: 0, first: [] };

  /** Runs a part of the transaction, and repeats it if another transaction holds a lock for long. */
  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      await connection.begin(true);
      try {
        if (!(await connection.hold())) throw new Superseded(jobId);
        const result = await work();
        await connection.commit();
        return result;
      } catch (error) {
        await connection.abandon();
        if (!isLocked(error) || stopped.aborted) throw error;
      }
    }
  }

  async function lock(): Promise<void> {
    await assertMayReplace(client, target, mode);
    before = await lockTable(client, target);
    await assertSeesAllRows(client, target);
    if (hasSameColumns(await shapeOf(client, target.table), shape)) return;
    await sameTarget(client, target);
    throw targetChanged(target);
  }

  /** Shows a preview which rows will be removed: these and those already removed. */
  function see({ rows, first }: Gone): void {
    limits?.seen({ before, rows: gone.rows + rows, first: firstOf(gone, first) });
  }

  async function remove(rows: number, key: readonly string[]): Promise<void> {
    if (limits && rows > limits.most) throw new TooManyToRemove();
    await removeRows(client, target, { jobId, rows, key });
  }

  /**
   * Removes the rows whose key was not noted.
   * @param early before the file is loaded: rows that others of the table still reference are left for the end
   */
  async function removeOthers(byIts: UpsertPlan, early = false): Promise<Gone> {
    const all = await listed(await findRowsNotInFile(client, byIts));
    see(all);
    checkRemoval(mode, target.table, { ...all, before, going: gone.rows + all.rows, byKey: true });
    const now = early && refersToItself(target) ? await listed(await leaveReferenced(client, target)) : all;
    await remove(now.rows, byIts.conflict.key.columns);
    await forgetRows(client);
    return now;
  }

  async function listed(rows: number): Promise<Gone> {
    return { rows, first: await firstRemoved(client, target) };
  }

  async function removeAll(): Promise<Gone> {
    const all = await listed(await findAllRows(client, plan));
    see(all);
    await remove(all.rows, []);
    return all;
  }

  /** Checks by how many rows the table has shrunk, if the file has no key of it. */
  async function checkShrinkage(): Promise<void> {
    const { rows } = await client.query<{ good: number }>(
      'select success_count as good from jobs where id = $1',
      [jobId],
    );
    const going = Math.max(0, before - rows[0]!.good);
    checkRemoval(mode, target.table, { before, going, byKey: false, first: [] });
  }

  /**
   * Fails if a trigger or rule has added or removed rows that were not counted: the content would not be the file's.
   */
  async function mustAddUp(removed: number): Promise<void> {
    await client.query('set constraints all immediate');
    const expected = before - removed + (await insertedRows(client, jobId));
    const rows = await countRows(client, target);
    if (rows === expected) return;
    const name = writeTableName(target.table);
    throw new Failure(
      'rows_not_removed',
      `${name} would have ${withNoun(rows, 'row')} instead of the ${expected} that the file asks for: a trigger or a rule of the table adds or removes rows; nothing was changed. Load with --on-conflict update, which removes none`,
    );
  }

  /**
   * Notes the keys of all readable records. Returns false if a key cannot be computed, because nothing is then known of
   * its row.
   */
  async function noteAllKeys(
    byIts: UpsertPlan,
    batches: AsyncIterable<TargetBatch>,
    giveBack: (batch: TargetBatch) => void,
  ): Promise<boolean> {
    for await (const batch of batches) {
      if (stopped.aborted) return false;
      const { rows, suspects, texts, numbered } = batch;
      const staged = {
        binary: rows.copy,
        suspects: suspects.copy,
        texts: { copy: texts.copy, numbered },
      };
      const noted = await patiently(() =>
        attempt(client, async () => {
          await stageUpsert(client, byIts, staged);
          await noteKeys(client, byIts, []);
          await clearStage(client, byIts);
          return {};
        }),
      );
      giveBack(batch);
      if (!noted) return false;
    }
    return true;
  }

  return {
    async begin(batches, giveBack) {
      await patiently(lock);
      if (!byKey) gone = await patiently(removeAll);
      // A value of another key may move from a row that is removed to one that is added.
      else if (!mayWriteTogether(plan, false)) {
        const noted = await noteAllKeys(plan, batches(), giveBack);
        if (noted) gone = await patiently(() => removeOthers(plan, true));
        await patiently(() => forgetKeys(client));
      }
    },
    async finish() {
      await patiently(async () => {
        const more = byKey ? await removeOthers(plan) : { rows: 0, first: [] };
        if (!byKey) await checkShrinkage();
        const removed = gone.rows + more.rows;
        await mustAddUp(removed);
        const reports = await connection.reports();
        const first = firstOf(gone, more.first);
        if (!(await noteRemoved(reports, jobId, ofJob, { removed, first }))) throw new Superseded(jobId);
      });
    },
  };
}

function firstOf({ first }: Gone, more: readonly ShownRow[]): ShownRow[] {
  return [...first, ...more].slice(0, FIRST_ROWS);
}

function hasKey(plan: LoadPlan): plan is UpsertPlan {
  return plan.conflict !== undefined;
}
