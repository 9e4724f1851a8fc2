/**
 * Loads rows whose key the table may already have; those are skipped or updated. Rows are staged while earlier
 * batches are still uncommitted. Those that cannot depend on these batches are applied right away, the others after
 * their commit. So the result is that of applying the records one by one in file order, with any number of lanes.
 */
import type { Client } from '../../pool.js';
import { attempt } from '../attempt.js';
import { ROW_NUMBER } from '../loadPlan.js';
import { readRows, type StagedRows } from '../loadStaged.js';
import type { RefusedRow } from '../oneByOne.js';
import { clearStage, createStage, fillNumbered, fillStage, STAGE } from '../stage.js';
import { findPending, updateFound } from './found.js';
import { insertNew, refuseFresh } from './fresh.js';
import { mayInsertEarly, mayWriteTogether, seesFate } from './independence.js';
import { writeInOrder } from './inOrder.js';
import { forgetPending, type Keyed, PENDING, type Pending } from './pending.js';
import type { UpsertPlan } from './statements.js';
import { add, nothingApplied, type Upserted } from './upserted.js';

/**
 * Stages rows, within the transaction of their batch. Returns rows with unreadable values, and other faults of
 * rejected records.
 */
export async function stageUpsert(
  client: Client,
  plan: UpsertPlan,
  rows: StagedRows,
): Promise<{ refused: RefusedRow[]; more: RefusedRow[] }> {
  await createStage(client, plan);
  await fillStage(client, plan, rows.binary);
  if (rows.suspects) await fillNumbered(client, plan, rows.suspects);
  const judged = await readRows(client, plan, rows);
  if (judged.length > 0 || rows.rejected?.length) {
    await client.query(`delete from ${STAGE} where ${ROW_NUMBER} < 0 or ${ROW_NUMBER} = any($1::bigint[])`, [
      judged.map(({ row }) => row),
    ]);
  }
  return { refused: judged.filter(({ row }) => row > 0), more: judged.filter(({ row }) => row < 0) };
}

/** The content of the stage. */
export interface Staged extends Keyed {
  /** `applyUpsert` calls this with the refused rows, while all rows are still on the stage. */
  beforeCleared?: BeforeCleared | undefined;
}

export type BeforeCleared = (refused: readonly RefusedRow[]) => Promise<void>;

/** The staged rows that are left for their turn: all, or those listed as pending. */
export type Left = 'all' | Pending;

/**
 * Applies staged rows while earlier batches are open. The batch must repeat no key and share none with these batches.
 * Rows that may depend on them in another way, by another key or by a number that the table assigns, are left for
 * their turn.
 * @returns what is left, for `endUpsert`; undefined if everything is done
 */
export async function beginUpsert(
  client: Client,
  plan: UpsertPlan,
  jobId: string,
  rows: number,
): Promise<{ applied: Upserted; left: Left | undefined }> {
  if (mayInsertEarly(plan))
    return { applied: await applyUpsert(client, plan, jobId, { rows, mayRepeat: false }), left: undefined };
  await client.query('set constraints all immediate');
  const found = await updateKnown(client, plan, jobId, { rows, mayRepeat: false });
  if (!found) return { applied: nothingApplied(), left: 'all' };
  if (await someLeft(client)) return found;
  await forgetPending(client);
  await clearStage(client, plan);
  return { applied: found.applied, left: undefined };
}

/** Applies what `beginUpsert` has left, after all earlier batches are committed. */
export async function endUpsert(
  client: Client,
  plan: UpsertPlan,
  jobId: string,
  staged: Staged,
  left: Left,
): Promise<Upserted> {
  if (left === 'all') return applyUpsert(client, plan, jobId, staged);
  const applied = nothingApplied();
  await writeLeft(client, plan, jobId, left, applied);
  await clearStage(client, plan);
  return applied;
}

/**
 * Applies the staged rows, after the commit of all earlier batches that they may depend on.
 * @param jobId the job whose journal keeps rows as they were before
 * @throws any error that no row caused; the caller must then roll back the transaction
 */
export async function applyUpsert(
  client: Client,
  plan: UpsertPlan,
  jobId: string,
  staged: Staged,
): Promise<Upserted> {
  await client.query('set constraints all immediate');
  const applied = await apply(client, plan, jobId, staged);
  await staged.beforeCleared?.(applied.refused);
  await clearStage(client, plan);
  return applied;
}

async function apply(client: Client, plan: UpsertPlan, jobId: string, staged: Staged): Promise<Upserted> {
  const found = await updateKnown(client, plan, jobId, staged);
  if (!found) return writeInOrder(client, plan, jobId, 'is not null');
  await writeLeft(client, plan, jobId, found.left, found.applied);
  return found.applied;
}

/**
 * Determines the outcome of staged rows, and updates those that differ if one statement has the same effect as one
 * per row. Returns undefined if nothing can be determined in advance.
 */
async function updateKnown(
  client: Client,
  plan: UpsertPlan,
  jobId: string,
  staged: Staged,
): Promise<{ applied: Upserted; left: Pending } | undefined> {
  const { rows } = staged;
  if (!seesFate(plan)) return undefined;
  const { onConflict, sets } = plan.conflict;
  if (onConflict === 'update' && sets.length > 0 && mayWriteTogether(plan, false)) {
    const done = await updateFound(client, plan, jobId, staged);
    if (done) return { applied: settled(plan, rows - done.updated, done), left: done.left };
  }
  const left = await attempt(client, () => findPending(client, plan, staged));
  return left && { applied: settled(plan, rows, { updated: 0, left }), left };
}

/**
 * Counts the updated rows, and those that the table has unchanged, or whose key it has.
 * @param rows that were not updated
 */
function settled(
  { conflict }: UpsertPlan,
  rows: number,
  { updated, left: { known, fresh, again } }: { updated: number; left: Pending },
): Upserted {
  const count = rows - known - fresh - again;
  return { ...nothingApplied(), updated, [conflict.onConflict === 'skip' ? 'skipped' : 'unchanged']: count };
}

/**
 * Writes the rows that are left: new ones together if possible, the others one by one.
 * @param to receives their outcome
 */
async function writeLeft(
  client: Client,
  plan: UpsertPlan,
  jobId: string,
  { fresh, again }: Pending,
  to: Upserted,
): Promise<void> {
  if (fresh > 0 && plan.conflict.updateOnly) to.refused = await refuseFresh(client, plan);
  else if (fresh > 0 && mayWriteTogether(plan, again > 0)) {
    const inserted = await insertNew(client, plan);
    if (inserted) add(to, inserted);
  }
  if (await someLeft(client))
    add(to, await writeInOrder(client, plan, jobId, `in (select row from ${PENDING})`));
  await forgetPending(client);
  to.refused.sort((a, b) => a.row - b.row);
}

async function someLeft(client: Client): Promise<boolean> {
  const { rowCount } = await client.query(`select from ${PENDING} limit 1`);
  return (rowCount ?? 0) > 0;
}
