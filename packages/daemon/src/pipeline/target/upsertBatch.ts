/**
 * Loads a batch whose rows may be in the table already; such rows are skipped or updated. Rows whose keys no open batch
 * has are applied at once, so lanes do it side by side. The others wait for their batch's turn.
 */
import type { Client } from '../../sql/pool.js';
import type { RefusedRow } from '../../sql/target/oneByOne.js';
import { mayInsertEarly, seesFate } from '../../sql/target/upsert/independence.js';
import type { UpsertPlan } from '../../sql/target/upsert/statements.js';
import {
  applyUpsert,
  type BeforeCleared,
  beginUpsert,
  endUpsert,
  type Left,
  stageUpsert,
} from '../../sql/target/upsert/upsert.js';
import { add, nothingApplied, type Upserted } from '../../sql/target/upsert/upserted.js';
import { WATCHED_BATCHES } from './recentKeys.js';
import type { TargetBatch } from './targetBatch.js';
import { withoutUnchanged } from './unchangedRows.js';

/** Maximum number of lanes at which the reading thread remembers the keys of all batches that may be open. */
export const MOST_EARLY_LANES = WATCHED_BATCHES + 1;

/** How the batches of a job are applied. */
export interface Upserts {
  jobId: string;
  plan: UpsertPlan;
  /** Rows may be applied before their batch's turn: there are at most `MOST_EARLY_LANES` lanes. */
  early: boolean;
  /** Called when a batch is applied as a whole, which is always so if `early` is false. */
  beforeCleared?: BeforeCleared;
}

/** What part of a batch is waiting for its turn. */
export interface Waiting {
  /** Rows on the stage, and which of them remain; undefined if all are done. */
  staged: number;
  left: Left | undefined;
  /** Records that may have the key of an earlier one are not staged yet. */
  aside: boolean;
}

export const NOTHING_WAITS: Waiting = { staged: 0, left: undefined, aside: false };

const NO_ROWS = new Uint8Array();

/**
 * Starts a batch, in its transaction. Returns what was applied, further faults of rejected records, and what is
 * waiting.
 */
export async function beginBatch(
  client: Client,
  { jobId, plan, early }: Upserts,
  batch: TargetBatch,
): Promise<{ applied: Upserted; more: RefusedRow[]; waiting: Waiting }> {
  const { rows, suspects, texts, numbered, doubtful } = batch;
  const atOnce = early && mayBegin(plan, batch);
  const aside = atOnce && batch.waits !== 'nothing';
  const remaining = atOnce ? await withoutUnchanged(client, plan, batch) : undefined;
  const known = knownRows(plan, remaining?.found ?? 0);
  const mine = remaining?.rows ?? rows;
  const others = aside ? 0 : suspects.count + texts.count;
  if (remaining && mine.count + others + doubtful.count === 0) {
    remaining.release();
    return { applied: known, more: [], waiting: { staged: 0, left: undefined, aside } };
  }
  const staging = stageUpsert(client, plan, {
    ...(remaining
      ? { binary: NO_ROWS, suspects: mine.copy }
      : { binary: rows.copy, suspects: aside ? NO_ROWS : suspects.copy }),
    texts: { copy: aside ? NO_ROWS : texts.copy, numbered },
    rejected: doubtful.copy,
  });
  const { refused, more } = await staging.finally(() => remaining?.release());
  const staged = mine.count + others - refused.length;
  const { applied, left } = atOnce
    ? await beginUpsert(client, plan, jobId, staged)
    : ({ applied: nothingApplied(), left: 'all' } as const);
  add(applied, { ...known, refused });
  return { applied, more, waiting: { staged, left, aside } };
}

/** The outcome of rows that the table has unchanged, or whose key it has. */
function knownRows({ conflict }: UpsertPlan, rows: number): Upserted {
  return { ...nothingApplied(), [conflict.onConflict === 'skip' ? 'skipped' : 'unchanged']: rows };
}

/** Finishes a batch, once all earlier ones are committed. Returns what became of the waiting rows. */
export async function endBatch(
  client: Client,
  { jobId, plan, beforeCleared }: Upserts,
  batch: TargetBatch,
  { staged, left, aside }: Waiting,
): Promise<Upserted> {
  const { apart, waits, suspects, texts, numbered } = batch;
  // If nothing waits, the reading thread has seen all keys, and no key twice.
  const mayRepeat = !apart || waits !== 'nothing';
  const applied =
    left === undefined
      ? nothingApplied()
      : await endUpsert(client, plan, jobId, { rows: staged, mayRepeat, beforeCleared }, left);
  if (!aside) return applied;
  const { refused } = await stageUpsert(client, plan, {
    binary: NO_ROWS,
    suspects: suspects.copy,
    texts: { copy: texts.copy, numbered },
  });
  add(applied, { refused });
  const count = suspects.count + texts.count - refused.length;
  add(applied, await applyUpsert(client, plan, jobId, { rows: count, mayRepeat: true }));
  return applied;
}

/**
 * Returns whether no row of a batch that is set apart depends on one of an open batch. If some of its records wait, the
 * others are applied before them, which has the same effect only if nothing but the key makes them depend on each
 * other.
 */
function mayBegin(plan: UpsertPlan, { apart, waits }: TargetBatch): boolean {
  return apart && seesFate(plan) && (waits === 'nothing' || mayInsertEarly(plan));
}
