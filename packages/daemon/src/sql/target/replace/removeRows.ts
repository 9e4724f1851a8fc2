/** Removes the stale rows, unless that would change other rows too. Keeps each as it was, for an undo. */
import { isOrAre, type Target, withNoun, writeTableName } from '@csvjobs/shared';
import { Failure } from '../../../failure.js';
import type { Client } from '../../pool.js';
import { countChanges } from '../../undo/changedOthers.js';
import { keepRemoved } from '../../undo/journal.js';
import { foreignKeysTo } from '../../undo/references.js';
import { keepTransaction } from '../../undo/transactionIds.js';
import { isRefusal } from '../attempt.js';
import { itself, tableOf } from '../loadPlan.js';
import { mustNotBeReferenced } from './referenced.js';
import { STALE } from './staleRows.js';

/** Number of rows that one statement removes, so that PostgreSQL responds within DB_TIMEOUT. */
const PORTION = 500_000;

/**
 * @param rows how many rows to remove
 * @param key columns that identify a row; empty if the file has no key of the table
 * @throws {Failure} `rows_referenced`, `rows_not_removed`
 */
export async function removeRows(
  client: Client,
  target: Target,
  { jobId, rows, key }: { jobId: string; rows: number; key: readonly string[] },
): Promise<void> {
  if (rows === 0) return;
  await countChanges(client, tableOf(target));
  await client.query('set constraints all immediate');
  const { rows: found } = await client.query<{ oid: number; last: number }>(
    `select $1::regclass::oid::bigint as oid, max(n) as last from ${STALE}`,
    [tableOf(target)],
  );
  const { oid, last } = found[0]!;
  const foreignKeys = await foreignKeysTo(client, oid);
  await mustNotBeReferenced(client, target, foreignKeys);
  await keepRemoved(
    client,
    jobId,
    key,
    `from ${STALE} s join ${itself(target)} t on t.tableoid = s.rel and t.ctid = s.tid`,
  );
  // PostgreSQL checks at the end of each statement whether a removed row is still referenced.
  const portion = foreignKeys.some(({ toItself }) => toItself) ? last : PORTION;
  let removed = 0;
  for (let first = 1; first <= last; first += portion)
    removed += await removePortion(client, target, first, first + portion - 1);
  if (removed !== rows)
    throw new Failure(
      'rows_not_removed',
      `of ${withNoun(rows, 'row')} of ${writeTableName(target.table)} that ${isOrAre(rows)} not in the file ${removed} could be removed: a trigger or a rule of the table keeps rows, or removes some itself; nothing was changed. Load with --on-conflict update, which removes none`,
    );
  await keepTransaction(client, jobId, { inserted: 0, removed: rows });
}

async function removePortion(client: Client, target: Target, first: number, last: number): Promise<number> {
  try {
    const { rowCount } = await client.query(
      `delete from ${itself(target)} t using ${STALE} s
       where t.tableoid = s.rel and t.ctid = s.tid and s.n between ${first} and ${last}`,
    );
    return rowCount ?? 0;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw whyRefused(
      target,
      error as { code: string; message: string; detail?: string; table?: string; constraint?: string },
    );
  }
}

const FOREIGN_KEY_VIOLATION = '23503';

function whyRefused(
  target: Target,
  {
    code,
    message,
    detail,
    table,
    constraint,
  }: { code: string; message: string; detail?: string; table?: string; constraint?: string },
): Failure {
  const name = writeTableName(target.table);
  if (code === FOREIGN_KEY_VIOLATION)
    return new Failure(
      'rows_referenced',
      `a row of ${name} that is not in the file is referenced by ${table} (${constraint})${detail ? `: ${detail}` : ''}; nothing was changed. Remove what references it first, or keep the row in the file`,
    );
  return new Failure(
    'rows_not_removed',
    `rows of ${name} that are not in the file cannot be removed: ${message}; nothing was changed`,
  );
}
