/**
 * Undoes the rows of a job: all at once where possible. Rows that the table refuses to take back stay, and the others
 * are undone without them.
 */
import type { Altered, Reference, Refusal } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { attempt } from '../target/attempt.js';
import { alteredRows } from './altered.js';
import { type BroughtBack, bringBack, countBroughtBack } from './bringBack.js';
import { openRestored } from './owners.js';
import { type ForeignKey, referencesLeft } from './references.js';
import { countRefusals, notRefused, openRefusals, refusalsLeft } from './refusals.js';
import { type Removed, removeInserted } from './remove.js';
import { openRemoved } from './removedRows.js';
import { countRestored, type Restored, restoreInParts, restoreTogether } from './restore.js';
import type { UndoTarget } from './target.js';
import { notUpdated, openUpdated, type UpdatedRows } from './updatedRows.js';

export interface UndoneRows {
  updates: Restored;
  inserts: Omit<Removed, 'more'> & { refused: number };
  back: BroughtBack;
  left: { referenced: number; references: Reference[] };
  refusals: Refusal[];
  altered: Altered | null;
}

/**
 * @param owners of the versions in the job's journal (sql/undo/owners.ts)
 * @param keys the foreign keys that reference the table
 */
export async function undoRows(
  db: Db,
  target: UndoTarget,
  owners: readonly string[],
  keys: readonly ForeignKey[],
): Promise<UndoneRows> {
  await openRefusals(db);
  await openRestored(db);
  const rows = await openUpdated(db, target, keys);
  // Deferred constraints are checked at the end: the rows may need each other. Only if one does not hold then, each
  // statement is checked, to find the rows that violate it.
  const immediate = () => db.query('set constraints all immediate');
  const work = { target, owners, keys, rows };
  const done = await attempt(db, async () => {
    const result = await inPasses(db, work);
    await immediate();
    return result;
  });
  if (!done) await immediate();
  const result = done ?? (await inPasses(db, work));
  return { ...result, altered: await alteredRows(db, target, { rows, ...result }, keys) };
}

interface Work {
  target: UndoTarget;
  owners: readonly string[];
  keys: readonly ForeignKey[];
  rows: UpdatedRows | null;
}

/** A refused row is tried again after others are undone, as long as that helps. */
async function inPasses(db: Db, { target, owners, keys, rows }: Work): Promise<Omit<UndoneRows, 'altered'>> {
  const removedRows = await openRemoved(db, target);
  // Restoring a row would change the inserted ones that reference it, which then would not be the job's any more.
  const changesOwn = keys.some(({ toItself, followsUpdates }) => toItself && followsUpdates);
  const atOnce = rows === null || (!changesOwn && (await restoreTogether(db, target, owners, rows)));
  let updates = await countRestored(db, target, rows);
  // Otherwise, rows that were not restored would be taken for inserted ones.
  const plain = atOnce && updates.kept === 0;
  const back: BroughtBack = { all: 0, restored: 0, refused: 0, taken: 0, done: [], changedVersions: [] };
  const result: Omit<UndoneRows, 'left' | 'refusals' | 'altered'> = {
    ...{ updates, back },
    inserts: { removed: 0, kept: 0, refused: 0 },
  };
  // Inserted rows that updated ones referenced.
  const leavesOwn = !plain && keys.some((key) => key.toItself);
  for (let before = ''; ; ) {
    // Refused rows are not tried again, and keep those that they reference.
    const tried = result.inserts.refused > 0 ? notRefused : () => '';
    const own = (alias: string) =>
      `${target.own(alias)} ${plain ? '' : notUpdated(rows!, alias)} ${tried(alias)}`;
    const { removed, kept, more } = await removeInserted(db, { ...target, own }, keys);
    if (!plain) await restoreInParts(db, target, rows!, keys);
    if (removedRows) await bringBack(db, target, owners, keys, before !== '');
    updates = plain ? updates : await countRestored(db, target, rows);
    if (removedRows) result.back = await countBroughtBack(db, target, removedRows);
    const refused = await countRefusals(db, 'inserted');
    result.updates = updates;
    result.inserts = { removed: result.inserts.removed + removed, kept, refused };
    const state = `${result.inserts.removed} ${refused} ${updates.restored} ${result.back.restored}`;
    const mayHelp = more || leavesOwn || refused + updates.refused + result.back.refused > 0;
    if (!mayHelp || state === before) break;
    before = state;
  }
  const left = await referencesLeft(db, target, keys);
  return { ...result, left, refusals: await refusalsLeft(db, target) };
}
