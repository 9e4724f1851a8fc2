/** Checks the table of a job again: it must be the one that the upload was checked against. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  grantInsert,
  type LoadMode,
  listed,
  partColumns,
  shellWord,
  type Target,
  type TargetKey,
  writeTableName,
} from '@csvjobs/shared';
import { Failure, NONE_LOADED, SOME_LOADED } from '../../failure.js';
import type { RowPlan } from '../../rows/rowPlan.js';
import { isLocked, withinPatience } from '../../sql/patience.js';
import type { Client, Db } from '../../sql/pool.js';
import { hasSameRules, readTarget } from '../../sql/target/catalog.js';
import { lackedByFile } from '../../sql/target/fileRights.js';
import type { LoadPlan } from '../../sql/target/loadPlan.js';
import { lackedRights } from '../../sql/target/modeRights.js';
import { lackedUsage } from '../../sql/target/schemaRights.js';
import { hasSameColumns, hasSameKey, type Shape, shapeOf } from '../../sql/target/shape.js';
import { withRefusedNulls } from '../../sql/target/unfilledDomains.js';
import type { LoadingDependencies } from '../loading.js';

/**
 * Reads the target as the role sees it now.
 * @throws {Failure} `target_missing`, `target_changed`: final, because the file was mapped to the table as it was;
 * `target_denied` if the role may no longer use its schema
 */
export async function sameTarget(db: Db, known: Target): Promise<Target> {
  const table = writeTableName(known.table);
  const now = await readTarget(db, known.table);
  if (now === undefined) {
    const lacked = await lackedUsage(db, known.table);
    if (lacked !== undefined) throw new Failure('target_denied', `${lacked}; then retry the job`);
    throw new Failure(
      'target_missing',
      `the table ${table} no longer exists; restore it and retry the job, or upload the file again into another table`,
    );
  }
  if (now.fingerprint !== known.fingerprint) throw targetChanged(known);
  return now;
}

/** Pause between two attempts to read a locked table, in ms. */
const LOCKED_PAUSE_MS = 1_000;

/**
 * Like `sameTarget`, for callers that may wait: while another transaction has locked the table (an ALTER TABLE, a
 * VACUUM FULL), the job waits and logs that it does. It holds a pool connection only for moments at a time, because
 * uploads and requests need it too.
 * @param stopped stops the waiting
 * @param reviewed the job is a dry run, or loads the file of one: functions that the table calls must be the same, too
 * @throws {Failure} as `sameTarget` does; an error that `isLocked` recognizes if it was stopped
 */
export async function sameTargetAtLast(
  { pool, log }: Pick<LoadingDependencies, 'pool' | 'log'>,
  known: Target,
  { jobId, stopped, reviewed }: { jobId: string; stopped: AbortSignal; reviewed: boolean },
): Promise<Target> {
  for (let waits = false; ; waits = true) {
    try {
      const now = await withinPatience(pool, async (db) => withRefusedNulls(db, await sameTarget(db, known)));
      if (reviewed && !hasSameRules(now, known)) throw targetChanged(known);
      return now;
    } catch (error) {
      if (!isLocked(error) || stopped.aborted) throw error;
      const table = writeTableName(known.table);
      if (!waits) log?.warn({ jobId, table }, 'a job is waiting for a lock on its table');
      await sleep(LOCKED_PAUSE_MS, undefined, { signal: stopped }).catch(() => {});
    }
  }
}

/**
 * Checks, in the transaction of a batch, that the table is the one of the plan. The rows already written prevent changes to
 * it until the transaction ends. A load that skips or updates known rows also needs the key that finds them: without it, two jobs
 * could insert the same row.
 * @param shape of the table when the plan was made (shapeOf)
 * @throws {Failure} as `sameTarget` does
 */
export async function assertShape(
  client: Client,
  { target: known, conflict }: Pick<LoadPlan, 'target' | 'conflict'>,
  shape: Shape | undefined,
): Promise<void> {
  const now = await shapeOf(client, known.table);
  if (!hasSameColumns(now, shape)) {
    await sameTarget(client, known);
    // Dropped and created again, just as it was.
    throw targetChanged(known);
  }
  if (conflict && !hasSameKey(now, shape, conflict.key.name)) throw targetChanged(known, conflict.key);
}

/**
 * @param plan of rows that may be inserted, or only update others, which needs no right to insert
 * @throws {Failure} `target_denied` if the role may not insert into one of the columns
 */
export function assertInsertable(
  target: Target,
  names: readonly string[],
  { conflict }: { conflict?: { updateOnly: boolean } },
): void {
  if (conflict?.updateOnly) return;
  const denied = target.columns
    .filter(({ name, insertable }) => names.includes(name) && !insertable)
    .map(({ name }) => name);
  if (denied.length === 0) return;
  const table = writeTableName(target.table);
  const grant = grantInsert(target, denied);
  throw new Failure(
    'target_denied',
    grant === undefined
      ? `${listed(denied)} of ${table} accept no values any more; csvjobs describe ${shellWord(table)} shows the table`
      : `the database role may not insert into ${listed(denied)} of ${table}; its owner can grant it: ${grant}; then retry the job`,
  );
}

/** @throws {Failure} `target_denied` if the role lacks a right that the load mode or the columns of the file need */
export async function assertGranted(
  db: Db,
  target: Target,
  plan: RowPlan,
  mode: LoadMode | undefined,
): Promise<void> {
  const lacked = (mode && (await lackedRights(db, target, mode))) ?? (await lackedByFile(db, target, plan));
  if (lacked !== undefined) throw new Failure('target_denied', `${lacked}; then retry the job`);
}

/**
 * The failure of a job whose table is no longer the one its upload found.
 * @param key that it no longer has as it was
 */
export function targetChanged({ table }: Target, key?: TargetKey): Failure {
  const name = writeTableName(table);
  const lost = key && `: its key ${key.name} (${partColumns(key).join(', ')}) was removed or changed`;
  const what = `the table ${name} was changed since the upload${lost ?? ''}`;
  const shows = `csvjobs describe ${shellWord(name)} shows the table`;
  return new Failure('target_changed', `${what}. ${NONE_LOADED}. ${shows}`, {
    messageIfLoaded: `${what}. ${SOME_LOADED}. ${shows}`,
  });
}
