/** Refuses an undo if csvjobs cannot tell the rows of the job from others (docs/decisions/0034-undo.md). */
import { withNoun } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import { hasTriggers } from './changedOthers.js';
import type { EndedJob } from './endedJob.js';
import type { ForeignKey } from './references.js';
import type { UndoTarget } from './target.js';
import { byHand } from './wayOut.js';

/**
 * If there are more rows than the job has inserted, not all are its own: triggers of the table, or `on update cascade` of a key to
 * itself, may have changed rows that were there before, which then have its ids. These must not be removed, and nothing
 * tells them from rows that triggers have added.
 * @throws {Failure} `undo_impossible`
 */
export function assertOurs({ table, inserted }: UndoTarget, job: EndedJob, found: number): void {
  if (found <= inserted) return;
  const why = `${table} has ${withNoun(found, 'row')} with ids of the job, which has inserted ${inserted}: a trigger or a foreign key of the table has added or changed others, and csvjobs cannot say which`;
  throw new Failure('undo_impossible', `${why}; ${byHand(job)}`);
}

/**
 * If triggers have changed other rows, and rows of the job are gone since, the numbers agree although not all rows that are found
 * are its own.
 * @throws {Failure} `undo_impossible`
 */
export async function assertUnmixed(
  db: Db,
  { table, relation, isCustomers, changedOthers }: UndoTarget,
  job: EndedJob,
  found: number,
  keys: readonly ForeignKey[],
): Promise<void> {
  if (isCustomers || found === 0 || changedOthers === 0) return;
  const which = `csvjobs cannot say which rows are its own; ${byHand(job)}`;
  if (changedOthers !== null)
    throw new Failure(
      'undo_impossible',
      `triggers, rules or foreign keys of ${table} have changed, removed or added ${withNoun(changedOthers, 'row')} in transactions of the job, and ${which}`,
    );
  if (keys.some(({ followsUpdates }) => followsUpdates) || (await hasTriggers(db, relation)))
    throw new Failure(
      'undo_impossible',
      `${table} has triggers, rules or foreign keys that may have changed other rows in transactions of the job, which was not counted when it was loaded, and ${which}`,
    );
}
