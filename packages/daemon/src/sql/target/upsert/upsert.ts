/**
 * Rows whose key the table may have, which are skipped or updated then. They are staged while earlier batches are not committed yet,
 * and applied when these are: so the result is that of applying the records one by one in the order of the file, at any number of
 * lanes.
 */
import type { Client } from '../../pool.js';
import { attempt } from '../attempt.js';
import { ROW_NUMBER } from '../loadPlan.js';
import { readRows, type StagedRows } from '../loadStaged.js';
import type { RefusedRow } from '../oneByOne.js';
import { clearStage, createStage, fillNumbered, fillStage, STAGE } from '../stage.js';
import { mayWriteTogether, seesFate } from './independence.js';
import { writeInOrder } from './inOrder.js';
import type { UpsertPlan } from './statements.js';
import { findPending, forgetPending, PENDING, type Pending, refuseFresh, writeTogether } from './together.js';
import type { Upserted } from './upserted.js';

/** Stages rows, within the transaction of their batch. Returns those with values that cannot be read, and what is wrong with rejected records. */
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

/**
 * Applies the staged rows, once all earlier batches are committed.
 * @param jobId by which rows are kept as they were before
 * @param rows how many are staged
 * @param mayRepeat whether several of them may have the same key
 * @param beforeCleared called with the rows that were refused while all are still on the stage
 * @throws what is no row's fault; then the transaction is to be rolled back
 */
export async function applyUpsert(
  client: Client,
  plan: UpsertPlan,
  jobId: string,
  rows: number,
  mayRepeat: boolean,
  beforeCleared: (refused: readonly RefusedRow[]) => Promise<void> = async () => {},
): Promise<Upserted> {
  await client.query('set constraints all immediate');
  const applied = await apply(client, plan, jobId, rows, mayRepeat);
  await beforeCleared(applied.refused);
  await clearStage(client, plan);
  return applied;
}

async function apply(
  client: Client,
  plan: UpsertPlan,
  jobId: string,
  rows: number,
  mayRepeat: boolean,
): Promise<Upserted> {
  const pending = seesFate(plan) && (await attempt(client, () => findPending(client, plan, mayRepeat)));
  if (!pending) return writeInOrder(client, plan, jobId, 'is not null');
  const result = settled(plan, rows, pending);
  let { fresh } = pending;
  if (plan.conflict.updateOnly && fresh > 0) {
    result.refused = await refuseFresh(client, plan);
    fresh = 0;
  }
  const together = mayWriteTogether(plan, pending.again > 0);
  const written = together && (await writeTogether(client, plan, jobId, { ...pending, fresh }));
  if (written) add(result, written);
  if (await someLeft(client))
    add(result, await writeInOrder(client, plan, jobId, `in (select row from ${PENDING})`));
  await forgetPending(client);
  result.refused.sort((a, b) => a.row - b.row);
  return result;
}

/** Rows that were found as they are in the file, or whose key was found. */
function settled({ conflict }: UpsertPlan, rows: number, { known, fresh, again }: Pending): Upserted {
  const count = rows - known - fresh - again;
  const none = { inserted: 0, updated: 0, unchanged: 0, skipped: 0, refused: [] };
  return conflict.onConflict === 'skip' ? { ...none, skipped: count } : { ...none, unchanged: count };
}

function add(to: Upserted, { refused, ...counts }: Partial<Upserted> & Pick<Upserted, 'refused'>): void {
  for (const [name, count] of Object.entries(counts) as [keyof typeof counts, number][]) to[name] += count;
  to.refused = to.refused.concat(refused);
}

async function someLeft(client: Client): Promise<boolean> {
  const { rowCount } = await client.query(`select from ${PENDING} limit 1`);
  return (rowCount ?? 0) > 0;
}
